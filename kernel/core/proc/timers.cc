#include "core/proc/timers.hh"

#include "abi/constants.hh"
#include "core/mm/heap.hh"
#include "core/mm/owned.hh"
#include "core/proc/process.hh"
#include "core/proc/queued_signals.hh"

namespace weft::proc {
namespace {

constexpr Clock k_real_time{.kind = ClockKind::monotonic};
constexpr Clock k_user_time{.kind = ClockKind::process_cpu, .is_user_time_only = true};
constexpr Clock k_cpu_time{.kind = ClockKind::process_cpu};

}  // namespace

Timers::Timers(Process& process)
    : process_(process),
      intervals_{{
          {process, k_real_time, info_from_kernel(abi::k_sigalrm), 0},
          {process, k_user_time, info_from_kernel(abi::k_sigvtalrm), 0},
          {process, k_cpu_time, info_from_kernel(abi::k_sigprof), 0},
      }} {}

Timers::~Timers() { remove_all(); }

SignalTimer* Timers::find(int32_t id) {
  SignalTimer* timer = created_.root();
  while (timer != nullptr && timer->id != id) {
    timer = id < timer->id ? Tree::left_of(*timer) : Tree::right_of(*timer);
  }
  return timer;
}

Result<int32_t> Timers::create(const Clock& clock, const SignalInfo& info, int32_t tid,
                               bool has_own_value) {
  MutexGuard guard(lock_);
  SignalInfo own = info;
  own.code = abi::k_si_timer;
  own.timer.timer = next_id_;
  own.timer.overrun = 0;
  if (!has_own_value) own.timer.value = {.number = next_id_};
  if (!reserve_queued(process_.limits.soft(abi::k_rlimit_sigpending))) return fail(Errno::again);
  auto timer = mm::make<SignalTimer>(process_, clock, own, tid);
  if (!timer.has_value()) {
    give_back_reserved();
    return fail(timer.error());
  }
  SignalTimer& made = *timer->release();
  made.id = next_id_++;
  created_.insert(made);
  return made.id;
}

Result<> Timers::remove(int32_t id) {
  mm::Owned<SignalTimer> removed;
  MutexGuard guard(lock_);
  SignalTimer* const timer = find(id);
  if (timer == nullptr) return fail(Errno::inval);
  created_.remove(*timer);
  give_back_reserved();
  removed = mm::Owned<SignalTimer>(timer);
  return {};
}

void Timers::remove_all() {
  MutexGuard guard(lock_);
  while (SignalTimer* const timer = created_.first()) {
    created_.remove(*timer);
    give_back_reserved();
    mm::Owned<SignalTimer>(timer).reset();
  }
}

Result<Timers*> timers_of(Process& process) {
  Timers* timers = process.timers.load(acquire);
  if (timers != nullptr) return timers;
  auto made = TRY(mm::make<Timers>(process));
  if (process.timers.compare_exchange(timers, made.get(), acq_rel)) return made.release();
  return timers;  // another thread was faster
}

void end_timers(Process& process) {
  mm::Owned<Timers>(process.timers.exchange(nullptr, acq_rel)).reset();
}

}  // namespace weft::proc
