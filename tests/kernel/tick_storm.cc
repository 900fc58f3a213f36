#include "kernel/tick_storm.hh"

#include <optional>

#include "core/sched/cpu.hh"
#include "core/sched/timer.hh"

namespace weft::selftest {
namespace {

constexpr Nanoseconds k_tick = 50 * k_microsecond;
constexpr unsigned k_ticks_at_once = 40;

}  // namespace

TickStorm::TickStorm() {
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    blowers_.add(
        {.name = "tick storm", .priority = sched::k_highest_priority, .cpu_mask = only_cpu(cpu)},
        [this] { blow(); });
  }
}

TickStorm::~TickStorm() {
  over_.store(true, relaxed);
  blowers_.join();
}

// A timer runs once, and its action may start no timer: so this thread winds up some at a time.
void TickStorm::blow() {
  while (!over_.load(relaxed)) {
    std::array<std::optional<sched::Timer>, k_ticks_at_once> timers;
    Instant next = hal::now();
    for (auto& timer : timers) timer.emplace(end_turn, this).start(next += k_tick);
    sched::sleep_until(next);
    for (auto& timer : timers) timer->cancel();
  }
}

// In the timer's interrupt. The policy is told that the thread has used the rest of its turn.
void TickStorm::end_turn(void* storm) {
  sched::Cpu& cpu = sched::this_cpu();
  SpinGuard guard(cpu.queue.lock);
  if (cpu.queue.is_idle()) return;
  Thread& running = *cpu.queue.running();
  sched::Policy& policy = cpu.queue.policy();
  policy.charge(running, policy.turn_left(running));
  hal::current()->wants_reschedule = true;
  static_cast<TickStorm*>(storm)->ticks_.fetch_add(1, relaxed);
}

}  // namespace weft::selftest
