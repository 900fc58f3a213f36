#include "core/proc/clock.hh"

#include "abi/constants.hh"
#include "core/proc/process.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/wall_clock.hh"

namespace weft::proc {
namespace {

// The number of a CPU clock is negative: the id's complement, a bit that says thread, and which time.
constexpr uint32_t k_of_thread = 4, k_which = 3;
constexpr uint32_t k_user_and_system = 0, k_user = 1, k_all = 2;

Result<Clock> find_cpu_clock(int32_t number) {
  const uint32_t which = static_cast<uint32_t>(number) & k_which;
  if (which > k_all) return fail(Errno::inval);
  static_assert(k_user_and_system < k_user && k_user < k_all);
  return Clock{
      .kind = (static_cast<uint32_t>(number) & k_of_thread) != 0 ? ClockKind::thread_cpu
                                                                 : ClockKind::process_cpu,
      .id = ~(number >> 3),
      .is_user_time_only = which == k_user,
  };
}

Result<Nanoseconds> read_thread(UserThread& self, const Clock& clock) {
  const auto read = [&](UserThread& thread) {
    return clock.is_user_time_only ? usage_of(thread).user_time : sched::cpu_time(thread.thread);
  };
  if (clock.id == 0 || clock.id == self.tid) return read(self);
  SpinGuard guard(tree_lock);
  UserThread* const thread = find_thread(clock.id);
  if (thread == nullptr || &thread->process != &self.process) return fail(Errno::inval);
  return read(*thread);
}

Result<Nanoseconds> read_process(UserThread& self, const Clock& clock) {
  if (clock.id == 0 && !clock.is_user_time_only) return cpu_time_of(self.process);
  SpinGuard guard(tree_lock);
  Process* const process = clock.id == 0 ? &self.process : find_process(clock.id);
  if (process == nullptr) return fail(Errno::inval);
  return clock.is_user_time_only ? usage_of(*process).user_time : cpu_time_of(*process);
}

}  // namespace

Result<Clock> find_clock(int32_t number) {
  switch (static_cast<uint32_t>(number)) {
    case abi::k_clock_realtime: return Clock{.kind = ClockKind::real};
    case abi::k_clock_realtime_coarse: return Clock{.kind = ClockKind::real, .has_timers = false};
    case abi::k_clock_monotonic:
    case abi::k_clock_boottime: return Clock{.kind = ClockKind::monotonic};
    case abi::k_clock_monotonic_raw:
    case abi::k_clock_monotonic_coarse:
      return Clock{.kind = ClockKind::monotonic, .has_timers = false};
    case abi::k_clock_process_cputime_id: return Clock{.kind = ClockKind::process_cpu};
    case abi::k_clock_thread_cputime_id: return Clock{.kind = ClockKind::thread_cpu};
    default: break;
  }
  if (number < 0) return find_cpu_clock(number);
  return fail(Errno::inval);
}

Result<Nanoseconds> read_clock(UserThread& self, const Clock& clock) {
  switch (clock.kind) {
    case ClockKind::real: return sched::real_time();
    case ClockKind::monotonic: return hal::now();
    case ClockKind::process_cpu: return read_process(self, clock);
    case ClockKind::thread_cpu: return read_thread(self, clock);
  }
  __builtin_unreachable();
}

Instant instant_of(ClockKind kind, Nanoseconds time) {
  if (kind == ClockKind::monotonic) return time;
  return time > sched::boot_date() ? time - sched::boot_date() : 0;
}

}  // namespace weft::proc
