// Clocks, sleeping, and what was used. Timers are in timers.cc.
#include <algorithm>

#include "core/proc/clock.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/time_values.hh"
#include "core/sched/wall_clock.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

using proc::RestartBlock;

// ---- Sleeping -------------------------------------------------------------------------------------

Outcome sleep_interruptibly(Instant deadline) {
  Waiter waiter(BlockReason::sleeping, nullptr);
  return waiter.block({.deadline = deadline, .interruptible = true});
}

// Sleeps until then. A signal ends it: the program is told what is left, and restart_syscall() goes on.
Result<uint64_t> sleep(proc::UserThread&, RestartBlock& block) {
  if (sleep_interruptibly(block.deadline) != Outcome::interrupted) return 0;
  const Instant now = hal::now();
  if (now >= block.deadline) return 0;
  const UserOut<abi::Timespec> remaining(block.words[0]);
  if (!remaining.is_null()) TRY(remaining.store(sched::to_timespec(block.deadline - now)));
  return fail(Errno::intr);
}

// The same by the CPU time of a process. That passes no faster than on all CPUs at once, so it need not
// be looked at before then.
Result<uint64_t> sleep_by_cpu_time(proc::UserThread& self, RestartBlock& block) {
  const proc::Clock clock{.kind = proc::ClockKind::process_cpu,
                          .id = static_cast<int32_t>(block.words[1])};
  for (;;) {
    const Nanoseconds now = TRY(proc::read_clock(self, clock));
    if (now >= block.deadline) return 0;
    const Nanoseconds left = block.deadline - now;
    const Instant next_look =
        hal::now() + std::max<Nanoseconds>(left / hal::cpu_count(), sched::k_tick);
    if (sleep_interruptibly(next_look) != Outcome::interrupted) continue;
    const UserOut<abi::Timespec> remaining(block.words[0]);
    if (!remaining.is_null()) TRY(remaining.store(sched::to_timespec(left)));
    return fail(Errno::intr);
  }
}

int64_t in_hundredths(Nanoseconds time) { return static_cast<int64_t>(time / (k_second / 100)); }

}  // namespace

// ---- Clocks ---------------------------------------------------------------------------------------

Result<uint64_t> sys_clock_gettime(Context& context, int32_t number, UserOut<abi::Timespec> time) {
  const proc::Clock clock = TRY(proc::find_clock(number));
  const Nanoseconds now = TRY(proc::read_clock(context.thread, clock));
  TRY(time.store(sched::to_timespec(now)));
  return 0;
}

Result<uint64_t> sys_clock_getres(Context& context, int32_t number,
                                  UserOut<abi::Timespec> resolution) {
  const proc::Clock clock = TRY(proc::find_clock(number));
  if (clock.counts_cpu_time()) TRY(proc::read_clock(context.thread, clock));
  if (!resolution.is_null()) TRY(resolution.store({0, 1}));
  return 0;
}

Result<uint64_t> sys_gettimeofday(Context&, UserOut<abi::Timeval> time,
                                  UserOut<abi::Timezone> zone) {
  if (!time.is_null()) TRY(time.store(sched::to_timeval(sched::real_time())));
  if (!zone.is_null()) TRY(zone.store({}));
  return 0;
}

Result<uint64_t> sys_time(Context&, UserOut<int64_t> seconds) {
  const uint64_t now = sched::real_time() / k_second;
  if (!seconds.is_null()) TRY(seconds.store(static_cast<int64_t>(now)));
  return now;
}

Result<uint64_t> sys_clock_nanosleep(Context& context, int32_t number, uint32_t flags,
                                     UserIn<abi::Timespec> time, UserOut<abi::Timespec> remaining) {
  const proc::Clock clock = TRY(proc::find_clock(number));
  if (clock.kind == proc::ClockKind::thread_cpu || clock.is_user_time_only || !clock.has_timers) {
    return fail(Errno::opnotsupp);
  }
  const abi::Timespec wanted = TRY(time.load());
  if (!sched::is_valid(wanted)) return fail(Errno::inval);
  const bool is_absolute = (flags & abi::k_timer_abstime) != 0;
  const Nanoseconds value = sched::to_nanoseconds(wanted);

  RestartBlock& block = context.thread.restart;
  block.words[0] = is_absolute ? 0 : remaining.raw();  // a date stays what it is
  if (clock.counts_cpu_time()) {
    block.go_on = sleep_by_cpu_time;
    block.words[1] = static_cast<uint32_t>(clock.id);
    block.deadline = is_absolute ? value : TRY(proc::read_clock(context.thread, clock)) + value;
  } else {
    block.go_on = sleep;
    block.deadline = is_absolute ? proc::instant_of(clock.kind, value) : hal::now() + value;
  }
  return block.go_on(context.thread, block);
}

// ---- What was used --------------------------------------------------------------------------------

Result<uint64_t> sys_times(Context& context, UserOut<abi::ProcessTimes> usage) {
  if (!usage.is_null()) {
    proc::Usage own, children;
    {
      SpinGuard guard(proc::tree_lock);
      own = usage_of(context.process);
      children = context.process.usage.children;
    }
    TRY(usage.store({in_hundredths(own.user_time), in_hundredths(own.system_time),
                     in_hundredths(children.user_time), in_hundredths(children.system_time)}));
  }
  return static_cast<uint64_t>(in_hundredths(hal::now()));
}

Result<uint64_t> sys_getrusage(Context& context, int32_t who, UserOut<abi::ResourceUsage> usage) {
  proc::Usage used;
  {
    SpinGuard guard(proc::tree_lock);
    switch (static_cast<uint32_t>(who)) {
      case abi::k_rusage_self: used = usage_of(context.process); break;
      case abi::k_rusage_thread: used = usage_of(context.thread); break;
      default: used = context.process.usage.children; break;
    }
  }
  TRY(usage.store(proc::to_resource_usage(used)));
  return 0;
}

}  // namespace weft::syscall
