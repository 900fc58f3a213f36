// What the machine tells the scheduler: hal.hh's other side.
#include <algorithm>

#include "core/hal.hh"
#include "core/sched/balance.hh"
#include "core/sched/cpu.hh"
#include "core/sched/describe.hh"
#include "core/sched/scheduler.hh"
#include "core/trace/trace.hh"

namespace weft {
namespace {

// If others wait for this CPU: the running thread gives way when its turn is over, or else the
// timer comes back at its end. Alone, or idle, a CPU needs no timer.
void check_turn(sched::Cpu& cpu, Instant now) {
  SpinGuard guard(cpu.queue.lock);
  if (cpu.queue.queued() == 0) return;
  if (cpu.queue.is_idle()) {
    hal::current()->wants_reschedule = true;
    return;
  }
  cpu.queue.charge(now);
  const Nanoseconds left = cpu.queue.policy().turn_left(*cpu.queue.running());
  if (left == 0) {
    hal::current()->wants_reschedule = true;
  } else {
    cpu.arm_no_later_than(now + left);
  }
}

void (*tick_function)(Thread&, bool, Nanoseconds) = nullptr;

// For threads of processes the clock ticks.
void tick(sched::Cpu& cpu, bool from_user_mode, Instant now) {
  if (hal::current()->user == nullptr) return;
  const Nanoseconds elapsed = std::min(now - cpu.last_tick, sched::k_tick);
  cpu.last_tick = now;
  cpu.arm_no_later_than(now + sched::k_tick);
  if (tick_function != nullptr) tick_function(*hal::current(), from_user_mode, elapsed);
}

}  // namespace

void sched::on_tick(void (*function)(Thread&, bool, Nanoseconds)) { tick_function = function; }

void upcall::on_timer(bool from_user_mode) {
  sched::Cpu& cpu = sched::this_cpu();
  ++cpu.counts.timer_interrupts;
  trace::record(trace::Kind::timer);
  cpu.armed_for = k_never;
  const Instant now = hal::now();
  cpu.arm_no_later_than(cpu.timers.run_due(now));
  tick(cpu, from_user_mode, now);
  sched::push_to_less_busy(cpu, now);
  check_turn(cpu, now);
}

void upcall::on_kick() {
  sched::Cpu& cpu = sched::this_cpu();
  ++cpu.counts.kicks;
  trace::record(trace::Kind::is_kicked);
  bool asked;
  {
    SpinGuard guard(cpu.queue.lock);
    asked = cpu.queue.reschedule_asked;
    cpu.queue.reschedule_asked = false;
  }
  if (asked) {
    hal::current()->wants_reschedule = true;
  } else {
    check_turn(cpu, hal::now());
  }
}

void upcall::on_interrupt_exit() {
  const Thread& self = *hal::current();
  if (self.wants_reschedule && self.preempt_depth == 0) sched::preempt();
}

void upcall::on_cpu_start() { sched::run_cpu(); }

void upcall::describe_current() { sched::describe_current(); }

}  // namespace weft
