// Clocks, sleeping, and what was used. Timers are in timers.cc.
#include "core/proc/clock.hh"
#include "core/sched/time_values.hh"
#include "core/sched/wall_clock.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

constexpr Nanoseconds k_hundredth = k_second / 100;

int64_t in_hundredths(Nanoseconds time) { return static_cast<int64_t>(time / k_hundredth); }

// Sleeps until then. When a signal ends it, restart_syscall() goes on; and with `remaining` the
// program is told how much is left.
Result<uint64_t> sleep(proc::UserThread& self, Instant deadline, UserOut<abi::Timespec> remaining) {
  if (deadline <= hal::now()) return 0;
  Waiter waiter(BlockReason::sleeping, nullptr);
  if (waiter.block({.deadline = deadline, .interruptible = true}) != Outcome::interrupted) return 0;
  const Instant now = hal::now();
  if (now >= deadline) return 0;
  if (!remaining.is_null()) TRY(remaining.store(sched::to_timespec(deadline - now)));
  return fail(Errno::intr);
}

// Until the process has used that much CPU time. Its ticks pass it on, so it is looked at once a tick.
Result<uint64_t> sleep_by_cpu_time(proc::UserThread& self, const proc::Clock& clock,
                                   Nanoseconds until, UserOut<abi::Timespec> remaining) {
  for (;;) {
    const Nanoseconds now = TRY(proc::read_clock(self, clock));
    if (now >= until) return 0;
    Waiter waiter(BlockReason::sleeping, nullptr);
    const Instant next_look = hal::now() + std::max<Nanoseconds>(until - now, sched::k_tick);
    if (waiter.block({.deadline = next_look, .interruptible = true}) != Outcome::interrupted) {
      continue;
    }
    if (!remaining.is_null()) TRY(remaining.store(sched::to_timespec(until - now)));
    return fail(Errno::intr);
  }
}

}  // namespace
}  // namespace weft::syscall
