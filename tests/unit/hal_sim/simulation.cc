#include "unit/hal_sim/simulation.hh"

#include <algorithm>

namespace weft::sim {
namespace {

void run_function(void* function) {
  reinterpret_cast<void (*)()>(function)();
  hal::stop("start-up code returned");
}

host::Fiber* start_up(void (*function)()) {
  return host::Fiber::create(run_function, reinterpret_cast<void*>(function));
}

}  // namespace

Simulation& Simulation::the() {
  static Simulation simulation;
  return simulation;
}

// ---- On and off ----------------------------------------------------------------------------------

void Simulation::power_on(const host::Power& power, void (*boot)()) {
  if (driver_ == nullptr) driver_ = host::Fiber::adopt();
  Thread* const boot_thread = cpus_[0].current;
  cpus_.fill(Cpu{});
  cpu_count_ = power.cpus;
  seed_ = power.seed;
  chooser_ = next_chooser_ != nullptr ? std::move(next_chooser_)
                                      : std::make_unique<RandomChooser>(power.seed);
  turn_ = 0;
  clock_ = 0;
  step_ = 0;
  cpus_[0].is_online = true;
  cpus_[0].current = boot_thread;
  cpus_[0].running = start_up(boot);
  is_on_ = true;
  host::Fiber::switch_to(*driver_, *cpus_[0].running);

  switch_off();
  cpus_[0].current = boot_thread;
  host::Fiber::destroy_all();
}

void Simulation::switch_off() {
  is_on_ = false;
  chooser_.reset();
  cpus_.fill(Cpu{});
  cpus_[0].is_online = true;
  cpus_[0].interrupts_on = true;
  cpu_count_ = 1;
  turn_ = 0;
  step_ = 0;
  most_steps_ = k_most_steps;
}

void Simulation::start_other_cpus() {
  for (unsigned id = 1; id < cpu_count_; ++id) {
    cpus_[id].running = start_up(upcall::on_cpu_start);
    cpus_[id].is_online = true;
  }
}

bool Simulation::others_are_at_rest() const {
  for (unsigned id = 0; id < cpu_count_; ++id) {
    if (id != turn_ && cpus_[id].is_online && (!cpus_[id].is_halted || cpus_[id].is_kicked)) {
      return false;
    }
  }
  return true;
}

void Simulation::power_off() {
  while (!others_are_at_rest()) step(Point::power_off);
  host::Fiber::switch_to(*running_cpu().running, *driver_);
  __builtin_unreachable();
}

// ---- Steps ---------------------------------------------------------------------------------------

void Simulation::step(Point point) {
  if (!is_on_) return;
  elapse(point);
  pass_turn(point);
  take_interrupts();
}

void Simulation::elapse(Point point) {
  if (++step_ > most_steps_ && (spin_locks_are_free() || step_ > 2 * most_steps_)) {
    stop_stuck("the machine has run wild: too many steps");
  }
  const Instant deadline = first_deadline();
  const Nanoseconds to_deadline =
      deadline == k_never ? k_never : deadline - std::min(deadline, clock_);
  clock_ += chooser_->elapse({point, turn_, step_}, to_deadline);
}

void Simulation::pass_turn(Point point) {
  std::array<unsigned, hal::k_max_cpus> able;
  size_t count = find_able(able);
  if (count == 0) {
    // All CPUs halt: nothing happens until the next timer.
    const Instant deadline = first_deadline();
    if (deadline == k_never) stop_stuck("deadlock: every CPU halts, and nothing will wake one");
    clock_ = std::max(clock_, deadline);
    count = find_able(able);
  }
  const unsigned self = turn_;
  const unsigned next = chooser_->next_cpu({point, self, step_}, {able.data(), count});
  if (next == self) return;
  turn_ = next;
  host::Fiber::switch_to(*cpus_[self].running, *cpus_[next].running);
}

void Simulation::take_interrupts() {
  // The handler may switch threads, and this one may go on much later on another CPU: so the CPU is
  // looked up each time.
  while (running_cpu().interrupts_on && has_interrupt(running_cpu())) {
    Cpu& cpu = running_cpu();
    cpu.interrupts_on = false;
    if (cpu.is_kicked) {
      cpu.is_kicked = false;
      upcall::on_kick();
    } else {
      cpu.deadline = k_never;
      upcall::on_timer(false);
    }
    upcall::on_interrupt_exit();
    running_cpu().interrupts_on = true;
  }
}

bool Simulation::spin_locks_are_free() const {
  for (unsigned id = 0; id < cpu_count_; ++id) {
    if (cpus_[id].is_online && !cpus_[id].interrupts_on && !cpus_[id].is_halted) return false;
  }
  return true;
}

void Simulation::stop_stuck(std::string_view reason) {
  is_on_ = false;  // no more steps: the report must not change what it reports
  step_ = 0;
  host::report_threads();
  hal::stop(reason);
}

size_t Simulation::find_able(std::array<unsigned, hal::k_max_cpus>& able) const {
  size_t count = 0;
  for (unsigned id = 0; id < cpu_count_; ++id) {
    if (is_able(cpus_[id])) able[count++] = id;
  }
  return count;
}

Instant Simulation::first_deadline() const {
  Instant first = k_never;
  for (unsigned id = 0; id < cpu_count_; ++id) first = std::min(first, cpus_[id].deadline);
  return first;
}

// ---- hal calls -----------------------------------------------------------------------------------

bool Simulation::interrupts_off() {
  // While they are off already no other CPU cares: one step would be like two.
  if (!running_cpu().interrupts_on) return false;
  step(Point::interrupts_off);
  running_cpu().interrupts_on = false;
  return true;
}

void Simulation::interrupts_on(bool were_on) {
  if (were_on) running_cpu().interrupts_on = true;
  step(Point::interrupts_on);
}

void Simulation::relax() {
  if (!is_on_ && ++step_ > most_steps_) hal::stop("a busy wait that nobody can end");
  step(Point::relax);
}

void Simulation::kick(unsigned cpu) {
  cpus_[cpu].is_kicked = true;
  step(Point::kick);
}

Instant Simulation::now() {
  step(Point::now);
  return clock_;
}

void Simulation::arm_timer(Instant deadline) {
  if (running_cpu().interrupts_on) hal::stop("arm_timer with interrupts on");
  running_cpu().deadline = deadline;
  step(Point::arm_timer);
}

void Simulation::switch_context(hal::Context& from, hal::Context& to) {
  if (running_cpu().interrupts_on) hal::stop("switch_context with interrupts on");
  step(Point::switch_context);
  Cpu& cpu = running_cpu();
  host::Fiber* self = cpu.running;
  auto* next = static_cast<host::Fiber*>(to.host);
  for (const Cpu& other : cpus_) {
    if (other.running == next) hal::stop("a context is switched to while another CPU runs it");
  }
  from.host = self;
  cpu.running = next;
  host::Fiber::switch_to(*self, *next);
}

void Simulation::wait_for_interrupt() {
  if (running_cpu().interrupts_on) hal::stop("wait_for_interrupt with interrupts on");
  if (!is_on_) hal::stop("wait_for_interrupt without a machine");
  elapse(Point::halt);
  running_cpu().is_halted = true;
  // Comes back only when there is an interrupt.
  pass_turn(Point::halt);
  running_cpu().is_halted = false;
  running_cpu().interrupts_on = true;
  take_interrupts();
  running_cpu().interrupts_on = false;
}

std::string Simulation::describe_moment() const {
  return "CPU " + std::to_string(turn_) + " of " + std::to_string(cpu_count_) + " at " +
         std::to_string(clock_) + " ns, step " + std::to_string(step_) + ", seed " +
         std::to_string(seed_);
}

}  // namespace weft::sim
