#include "unit/hal_threads/thread_machine.hh"

#include <sched.h>

namespace weft::threads {
namespace {

void run_function(void* function) {
  reinterpret_cast<void (*)()>(function)();
  hal::stop("start-up code returned");
}

// A stack for the CPU's first code.
void prepare(Cpu& cpu, void (*function)()) {
  cpu.interrupts_on = false;
  cpu.running = host::Fiber::create(run_function, reinterpret_cast<void*>(function));
}

// The host thread is that CPU, until the machine is switched off.
void run(Cpu& cpu) {
  become(cpu);
  cpu.home = host::Fiber::adopt();
  host::Fiber::switch_to(*cpu.home, *cpu.running);
  host::Fiber::destroy(cpu.home);
}

}  // namespace

ThreadMachine& ThreadMachine::the() {
  static ThreadMachine machine;
  return machine;
}

ThreadMachine::ThreadMachine() { become(cpus_[0]); }

// ---- On and off ----------------------------------------------------------------------------------

void ThreadMachine::power_on(const host::Power& power, void (*boot)()) {
  for (unsigned id = 0; id < power.cpus; ++id) {
    Cpu& cpu = cpus_[id];
    cpu.id = id;
    cpu.deadline = k_never;
    cpu.is_kicked = false;
  }
  cpu_count_ = power.cpus;
  start_ = std::chrono::steady_clock::now();
  is_stopping_ = false;
  is_on_ = true;
  prepare(cpus_[0], boot);
  run(cpus_[0]);

  for (unsigned id = 1; id < cpu_count_; ++id) {
    if (cpus_[id].host.joinable()) cpus_[id].host.join();
  }
  is_on_ = false;
  cpu_count_ = 1;
  cpus_[0].running = nullptr;
  cpus_[0].interrupts_on = true;
  cpus_[0].deadline = k_never;
  host::Fiber::destroy_all();
}

void ThreadMachine::start_other_cpus() {
  for (unsigned id = 1; id < cpu_count_; ++id) prepare(cpus_[id], upcall::on_cpu_start);
  for (unsigned id = 1; id < cpu_count_; ++id) {
    cpus_[id].host = std::thread([this, id] { run(cpus_[id]); });
  }
}

void ThreadMachine::power_off() {
  interrupts_off();
  is_stopping_ = true;
  for (unsigned id = 0; id < cpu_count_; ++id) kick(id);
  go_home();
}

void ThreadMachine::go_home() {
  Cpu& cpu = this_cpu();
  host::Fiber::switch_to(*cpu.running, *cpu.home);
  __builtin_unreachable();
}

// ---- Interrupts ----------------------------------------------------------------------------------

void ThreadMachine::kick(unsigned cpu) {
  {
    const std::lock_guard guard(cpus_[cpu].mutex);
    cpus_[cpu].is_kicked = true;
  }
  cpus_[cpu].wake_up.notify_one();
}

void ThreadMachine::take_interrupts() {
  if (!is_on_) return;
  // The handler may switch threads, and this one may go on much later on another CPU: so the CPU is
  // looked up each time.
  while (this_cpu().interrupts_on && has_interrupt(this_cpu())) {
    Cpu& cpu = this_cpu();
    cpu.interrupts_on = false;
    if (cpu.is_kicked.exchange(false)) {
      upcall::on_kick();
    } else {
      cpu.deadline = k_never;
      upcall::on_timer(false);
    }
    upcall::on_interrupt_exit();
    this_cpu().interrupts_on = true;
  }
}

bool ThreadMachine::interrupts_off() {
  take_interrupts();
  Cpu& cpu = this_cpu();
  const bool were_on = cpu.interrupts_on;
  cpu.interrupts_on = false;
  return were_on;
}

void ThreadMachine::interrupts_on(bool were_on) {
  if (!were_on) return;
  this_cpu().interrupts_on = true;
  take_interrupts();
}

void ThreadMachine::relax() {
  take_interrupts();
  // There may be more CPUs than the host has: let the one that we wait for run.
  sched_yield();
}

void ThreadMachine::wait_for_interrupt() {
  if (!is_on_) hal::stop("wait_for_interrupt without a machine");
  Cpu& cpu = this_cpu();
  if (cpu.interrupts_on) hal::stop("wait_for_interrupt with interrupts on");
  {
    std::unique_lock lock(cpu.mutex);
    const auto is_over = [&] { return is_stopping_ || has_interrupt(cpu); };
    if (cpu.deadline == k_never) {
      cpu.wake_up.wait(lock, is_over);
    } else {
      cpu.wake_up.wait_until(lock, start_ + std::chrono::nanoseconds(cpu.deadline), is_over);
    }
  }
  if (is_stopping_) go_home();
  cpu.interrupts_on = true;
  take_interrupts();
  this_cpu().interrupts_on = false;
}

// ---- Time and contexts ---------------------------------------------------------------------------

Instant ThreadMachine::clock() const {
  return static_cast<Instant>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now() - start_).count());
}

Instant ThreadMachine::now() {
  take_interrupts();
  return clock();
}

void ThreadMachine::switch_context(hal::Context& from, hal::Context& to) {
  Cpu& cpu = this_cpu();
  if (cpu.interrupts_on) hal::stop("switch_context with interrupts on");
  host::Fiber* self = cpu.running;
  auto* next = static_cast<host::Fiber*>(to.host);
  from.host = self;
  cpu.running = next;
  host::Fiber::switch_to(*self, *next);
}

}  // namespace weft::threads
