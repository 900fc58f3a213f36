// Who runs when. A thread's policy and priority are what the program says; what they do depends on the
// policy that the kernel was started with. The mapping:
//
//   SCHED_FIFO, SCHED_RR, 1 to 99   the kernel's priorities above the normal one; `prio` goes by them
//   SCHED_OTHER, SCHED_BATCH        the normal priority, and the niceness; `fair` goes by that
//   SCHED_IDLE                      the lowest priority, and the most niceness
#include <algorithm>

#include "core/proc/group.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/time_values.hh"
#include "core/sched/turn.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

constexpr int32_t k_least_urgent = 1, k_most_urgent = 99;
constexpr int32_t k_nice_base = 20;  // getpriority() tells 20 - nice, which is never negative

bool is_real_time(uint32_t policy) {
  return policy == abi::k_sched_fifo || policy == abi::k_sched_rr;
}

// Runs work(thread) for the thread with that id (0: the caller's), which lives meanwhile.
template <typename Work>
Result<uint64_t> with_thread(Context& context, int32_t tid, Work work) {
  if (tid < 0) return fail(Errno::inval);
  SpinGuard guard(proc::tree_lock);
  proc::UserThread* const thread = tid == 0 ? &context.thread : proc::find_thread(tid);
  if (thread == nullptr) return fail(Errno::srch);
  return work(*thread);
}

// Makes the kernel's priority and niceness what the program's words mean.
void apply(proc::UserThread& thread) {
  constexpr int k_above = sched::k_highest_priority - sched::k_normal_priority;
  const proc::SchedulingWords& words = thread.scheduling;
  int priority = sched::k_normal_priority;
  int nice = words.nice;
  if (is_real_time(words.policy)) {
    priority += 1 + (words.priority - k_least_urgent) * (k_above - 1) / (k_most_urgent - 1);
  } else if (words.policy == abi::k_sched_idle) {
    priority = sched::k_lowest_priority;
    nice = sched::k_most_nice;
  }
  sched::set_priority(thread.thread, priority);
  sched::set_nice(thread.thread, nice);
}

Result<uint64_t> set_policy(Context& context, int32_t tid, UserIn<abi::SchedulingParameter> address,
                            const uint32_t* policy) {
  if (tid < 0 || address.is_null()) return fail(Errno::inval);
  const abi::SchedulingParameter parameter = TRY(address.load());
  return with_thread(context, tid, [&](proc::UserThread& thread) -> Result<uint64_t> {
    proc::SchedulingWords words = thread.scheduling;
    if (policy != nullptr) {
      words.policy = *policy & ~abi::k_sched_reset_on_fork;
      words.resets_on_fork = (*policy & abi::k_sched_reset_on_fork) != 0;
    }
    const int32_t priority = parameter.priority;
    const bool is_good = is_real_time(words.policy)
                             ? priority >= k_least_urgent && priority <= k_most_urgent
                             : priority == 0;
    if (!is_good) return fail(Errno::inval);
    words.priority = priority;
    thread.scheduling = words;
    apply(thread);
    return 0;
  });
}

// Calls visit(thread) for all threads that getpriority() and setpriority() mean; Errno::srch if there
// are none.
template <typename Visit>
Result<> visit_threads(Context& context, uint32_t which, int32_t who, Visit visit) {
  SpinGuard guard(proc::tree_lock);
  if (which == abi::k_prio_process) {
    proc::UserThread* const thread = who == 0 ? &context.thread : proc::find_thread(who);
    if (thread == nullptr) return fail(Errno::srch);
    visit(*thread);
    return {};
  }
  const int32_t group = who == 0 ? context.process.group->id : who;
  const bool is_for_all = which == abi::k_prio_user && who == 0;  // there is one user
  bool any = false;
  for (proc::Process* process = proc::next_process(0); process != nullptr;
       process = proc::next_process(process->pid)) {
    if (!is_for_all && (which == abi::k_prio_user || process->group->id != group)) continue;
    for (proc::UserThread& thread : process->threads) {
      visit(thread);
      any = true;
    }
  }
  if (!any) return fail(Errno::srch);
  return {};
}

Result<int32_t> priority_range(int32_t policy, int32_t real_time) {
  if ((static_cast<uint32_t>(policy) & abi::k_sched_reset_on_fork) != 0) return fail(Errno::inval);
  return is_real_time(static_cast<uint32_t>(policy)) ? real_time : 0;
}

}  // namespace

Result<uint64_t> sys_sched_yield(Context&) {
  sched::yield();
  return 0;
}

// ---- Niceness -------------------------------------------------------------------------------------

Result<uint64_t> sys_getpriority(Context& context, int32_t which, int32_t who) {
  int32_t best = 0;
  TRY(visit_threads(context, static_cast<uint32_t>(which), who, [&](proc::UserThread& thread) {
    best = std::max(best, k_nice_base - thread.scheduling.nice);
  }));
  return static_cast<uint64_t>(best);
}

Result<uint64_t> sys_setpriority(Context& context, int32_t which, int32_t who, int32_t nice) {
  const int32_t wanted = std::clamp<int32_t>(nice, sched::k_least_nice, sched::k_most_nice);
  TRY(visit_threads(context, static_cast<uint32_t>(which), who, [&](proc::UserThread& thread) {
    thread.scheduling.nice = wanted;
    apply(thread);
  }));
  return 0;
}

// ---- Policies and priorities ------------------------------------------------------------------------

Result<uint64_t> sys_sched_setscheduler(Context& context, int32_t tid, int32_t policy,
                                        UserIn<abi::SchedulingParameter> parameter) {
  const auto wanted = static_cast<uint32_t>(policy);
  return set_policy(context, tid, parameter, &wanted);
}

Result<uint64_t> sys_sched_setparam(Context& context, int32_t tid,
                                    UserIn<abi::SchedulingParameter> parameter) {
  return set_policy(context, tid, parameter, nullptr);
}

Result<uint64_t> sys_sched_getscheduler(Context& context, int32_t tid) {
  return with_thread(context, tid, [](const proc::UserThread& thread) -> Result<uint64_t> {
    const proc::SchedulingWords& words = thread.scheduling;
    return words.policy | (words.resets_on_fork ? abi::k_sched_reset_on_fork : 0u);
  });
}

Result<uint64_t> sys_sched_getparam(Context& context, int32_t tid,
                                    UserOut<abi::SchedulingParameter> parameter) {
  if (parameter.is_null()) return fail(Errno::inval);
  const auto priority =
      TRY(with_thread(context, tid, [](const proc::UserThread& thread) -> Result<uint64_t> {
        return static_cast<uint64_t>(thread.scheduling.priority);
      }));
  TRY(parameter.store({static_cast<int32_t>(priority)}));
  return 0;
}

Result<uint64_t> sys_sched_get_priority_max(Context&, int32_t policy) {
  return static_cast<uint64_t>(TRY(priority_range(policy, k_most_urgent)));
}
Result<uint64_t> sys_sched_get_priority_min(Context&, int32_t policy) {
  return static_cast<uint64_t>(TRY(priority_range(policy, k_least_urgent)));
}

Result<uint64_t> sys_sched_rr_get_interval(Context& context, int32_t tid,
                                           UserOut<abi::Timespec> interval) {
  const uint64_t turn =
      TRY(with_thread(context, tid, [](const proc::UserThread& thread) -> Result<uint64_t> {
        return thread.scheduling.policy == abi::k_sched_fifo ? 0 : sched::k_quantum;
      }));
  TRY(interval.store(sched::to_timespec(turn)));
  return 0;
}

// ---- CPUs -----------------------------------------------------------------------------------------

Result<uint64_t> sys_sched_setaffinity(Context& context, int32_t tid, uint32_t size,
                                       UserIn<std::byte> address) {
  CpuMask mask = 0;  // of more CPUs than there can be, the rest counts for nothing
  TRY(mm::copy_from_user(&mask, address.raw(), std::min<size_t>(size, sizeof mask)));
  return with_thread(context, tid, [&](proc::UserThread& thread) -> Result<uint64_t> {
    TRY(sched::set_cpu_mask(thread.thread, mask));
    return 0;
  });
}

Result<uint64_t> sys_sched_getaffinity(Context& context, int32_t tid, uint32_t size,
                                       UserOut<std::byte> address) {
  constexpr size_t k_word = sizeof(uint64_t);
  if (size < k_word || size % k_word != 0) return fail(Errno::inval);
  const uint64_t all = (uint64_t{1} << hal::cpu_count()) - 1;
  const uint64_t mask =
      TRY(with_thread(context, tid, [&](const proc::UserThread& thread) -> Result<uint64_t> {
        return thread.thread.cpu_mask & all;
      }));
  TRY(UserOut<uint64_t>(address.raw()).store(mask));
  return k_word;
}

}  // namespace weft::syscall
