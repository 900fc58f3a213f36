// Timers: alarm and interval timers, POSIX timers, timers as descriptors.
#include <algorithm>

#include "core/ipc/timer_file.hh"
#include "core/proc/timers.hh"
#include "core/sched/time_values.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

using proc::SignalTimer;
using proc::TimerSetting;

// ---- Values ---------------------------------------------------------------------------------------

template <typename Value>
bool is_valid_pair(const Value& value) {
  return sched::is_valid(value.value) && sched::is_valid(value.interval);
}

template <typename Setting>
abi::IntervalTimespec to_timespecs(const Setting& setting) {
  return {sched::to_timespec(setting.interval), sched::to_timespec(setting.left)};
}

// What is left is never told as 0, which would mean that the timer isn't armed.
abi::IntervalTimeval to_timevals(const TimerSetting& setting) {
  const Nanoseconds left = setting.left == 0 ? 0 : std::max(setting.left, k_microsecond);
  return {sched::to_timeval(setting.interval), sched::to_timeval(left)};
}

// ---- Interval timers ------------------------------------------------------------------------------

// One that was never set is not made for being asked.
TimerSetting interval_setting(proc::Process& process, int32_t which) {
  proc::Timers* const timers = process.timers.load(acquire);
  if (timers == nullptr) return {};
  return timers->interval_timer(static_cast<uint32_t>(which)).get();
}

Result<TimerSetting> set_interval(proc::Process& process, int32_t which, Nanoseconds time,
                                  Nanoseconds interval) {
  if (time == 0 && process.timers.load(acquire) == nullptr) return TimerSetting{};
  SignalTimer& timer = TRY(proc::timers_of(process))->interval_timer(static_cast<uint32_t>(which));
  return timer.set(time, false, interval);
}

// ---- POSIX timers ---------------------------------------------------------------------------------

Result<proc::Clock> find_timer_clock(Context& context, int32_t number) {
  proc::Clock clock = TRY(proc::find_clock(number));
  if (!clock.has_timers) return fail(Errno::opnotsupp);
  if (!clock.counts_cpu_time()) return clock;
  TRY(proc::read_clock(context.thread, clock));
  const bool is_own =
      clock.id == 0 || clock.kind == proc::ClockKind::thread_cpu || clock.id == context.process.pid;
  if (!is_own) return fail(Errno::opnotsupp);
  if (clock.kind == proc::ClockKind::thread_cpu && clock.id == 0) clock.id = context.thread.tid;
  return clock;
}

struct Target {
  int32_t signal = abi::k_sigalrm;  // 0: none
  int32_t tid = 0;                  // 0: the process
};

Result<Target> target_of(Context& context, const abi::SignalEvent& event) {
  const auto notify = static_cast<uint32_t>(event.notify);
  if (notify == abi::k_sigev_none) return Target{.signal = 0};
  const bool is_to_thread = notify == (abi::k_sigev_signal | abi::k_sigev_thread_id);
  if (!is_to_thread && notify != abi::k_sigev_signal && notify != abi::k_sigev_thread) {
    return fail(Errno::inval);
  }
  if (!proc::is_signal(event.signal)) return fail(Errno::inval);
  if (!is_to_thread) return Target{.signal = event.signal};
  SpinGuard guard(proc::tree_lock);
  const proc::UserThread* const thread = proc::find_thread(event.thread);
  if (thread == nullptr || &thread->process != &context.process) return fail(Errno::inval);
  return Target{.signal = event.signal, .tid = event.thread};
}

// Runs use(timer) for a timer of the process.
template <typename Use>
Result<> with_timer(Context& context, int32_t id, Use use) {
  proc::Timers* const timers = context.process.timers.load(acquire);
  if (timers == nullptr) return fail(Errno::inval);
  return timers->with(id, use);
}

// ---- Descriptors ----------------------------------------------------------------------------------

// The file keeps the timer.
Result<Ref<fs::File>> find_timer_file(Context& context, Fd fd) {
  Ref<fs::File> file = TRY(context.process.files->get(fd.number));
  if (ipc::TimerFile::from(*file) == nullptr) return fail(Errno::inval);
  return file;
}

}  // namespace

Result<uint64_t> sys_alarm(Context& context, uint32_t seconds) {
  constexpr uint32_t k_most = 0x7fff'ffff;
  const TimerSetting old =
      TRY(set_interval(context.process, 0, std::min(seconds, k_most) * k_second, 0));
  if (old.left == 0) return 0;
  return std::max<uint64_t>((old.left + k_second / 2) / k_second, 1);  // rounded, but not to none
}

Result<uint64_t> sys_getitimer(Context& context, int32_t which,
                               UserOut<abi::IntervalTimeval> value) {
  TRY(value.store(to_timevals(interval_setting(context.process, which))));
  return 0;
}

Result<uint64_t> sys_setitimer(Context& context, int32_t which, UserIn<abi::IntervalTimeval> value,
                               UserOut<abi::IntervalTimeval> old_value) {
  const abi::IntervalTimeval wanted = value.is_null() ? abi::IntervalTimeval{} : TRY(value.load());
  if (!is_valid_pair(wanted)) return fail(Errno::inval);
  const TimerSetting old =
      TRY(set_interval(context.process, which, sched::to_nanoseconds(wanted.value),
                       sched::to_nanoseconds(wanted.interval)));
  if (!old_value.is_null()) TRY(old_value.store(to_timevals(old)));
  return 0;
}

Result<uint64_t> sys_timer_create(Context& context, int32_t number, UserIn<abi::SignalEvent> event,
                                  UserOut<int32_t> id) {
  Target target;
  abi::SignalEvent wanted{};
  if (!event.is_null()) wanted = TRY(event.load());
  const proc::Clock clock = TRY(find_timer_clock(context, number));
  if (!event.is_null()) target = TRY(target_of(context, wanted));
  proc::SignalInfo info{};
  info.signal = target.signal;
  info.timer.value = wanted.value;
  proc::Timers& timers = *TRY(proc::timers_of(context.process));
  const int32_t made = TRY(timers.create(clock, info, target.tid, !event.is_null()));
  if (const auto stored = id.store(made); !stored.has_value()) {
    (void)timers.remove(made);
    return fail(stored.error());
  }
  return 0;
}

Result<uint64_t> sys_timer_settime(Context& context, int32_t id, uint32_t flags,
                                   UserIn<abi::IntervalTimespec> value,
                                   UserOut<abi::IntervalTimespec> old_value) {
  if (value.is_null()) return fail(Errno::inval);
  const abi::IntervalTimespec wanted = TRY(value.load());
  if (!is_valid_pair(wanted)) return fail(Errno::inval);
  TimerSetting old;
  TRY(with_timer(context, id, [&](SignalTimer& timer) {
    old = timer.set(sched::to_nanoseconds(wanted.value), (flags & abi::k_timer_abstime) != 0,
                    sched::to_nanoseconds(wanted.interval));
  }));
  if (!old_value.is_null()) TRY(old_value.store(to_timespecs(old)));
  return 0;
}

Result<uint64_t> sys_timer_gettime(Context& context, int32_t id,
                                   UserOut<abi::IntervalTimespec> value) {
  TimerSetting now;
  TRY(with_timer(context, id, [&](SignalTimer& timer) { now = timer.get(); }));
  TRY(value.store(to_timespecs(now)));
  return 0;
}

Result<uint64_t> sys_timer_getoverrun(Context& context, int32_t id) {
  int32_t overrun = 0;
  TRY(with_timer(context, id, [&](SignalTimer& timer) { overrun = timer.overrun(); }));
  return static_cast<uint64_t>(overrun);
}

Result<uint64_t> sys_timer_delete(Context& context, int32_t id) {
  proc::Timers* const timers = context.process.timers.load(acquire);
  if (timers == nullptr) return fail(Errno::inval);
  TRY(timers->remove(id));
  return 0;
}

Result<uint64_t> sys_timerfd_create(Context& context, int32_t number, uint32_t flags) {
  const proc::Clock clock = TRY(proc::find_clock(number));
  if (!clock.has_timers || clock.counts_cpu_time()) return fail(Errno::inval);
  const bool is_wall_clock = clock.kind == proc::ClockKind::real;
  const Ref<fs::File> file = TRY(ipc::TimerFile::make(is_wall_clock, flags & abi::k_o_nonblock));
  const auto limit = static_cast<int32_t>(context.process.limits.soft(abi::k_rlimit_nofile));
  return static_cast<uint64_t>(
      TRY(context.process.files->add(file, (flags & abi::k_o_cloexec) != 0, limit)));
}

Result<uint64_t> sys_timerfd_settime(Context& context, Fd fd, uint32_t flags,
                                     UserIn<abi::IntervalTimespec> value,
                                     UserOut<abi::IntervalTimespec> old_value) {
  const abi::IntervalTimespec wanted = TRY(value.load());
  if (!is_valid_pair(wanted)) return fail(Errno::inval);
  const Ref<fs::File> file = TRY(find_timer_file(context, fd));
  const auto old = ipc::TimerFile::from(*file)->set(sched::to_nanoseconds(wanted.value),
                                                    (flags & abi::k_tfd_timer_abstime) != 0,
                                                    sched::to_nanoseconds(wanted.interval));
  if (!old_value.is_null()) TRY(old_value.store(to_timespecs(old)));
  return 0;
}

Result<uint64_t> sys_timerfd_gettime(Context& context, Fd fd,
                                     UserOut<abi::IntervalTimespec> value) {
  const Ref<fs::File> file = TRY(find_timer_file(context, fd));
  TRY(value.store(to_timespecs(ipc::TimerFile::from(*file)->get())));
  return 0;
}

}  // namespace weft::syscall
