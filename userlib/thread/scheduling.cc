#include "userlib/thread/scheduling.hh"

#include "userlib/syscalls.hh"

namespace weft {

Result<> set_scheduling(int32_t thread, scheduling wanted) {
  const abi::SchedulingParameter parameter = {wanted.priority};
  TRY(sys::sched_setscheduler(thread, static_cast<int32_t>(wanted.policy), &parameter));
  return {};
}

Result<scheduling> get_scheduling(int32_t thread) {
  const auto policy = TRY(sys::sched_getscheduler(thread));
  abi::SchedulingParameter parameter = {};
  TRY(sys::sched_getparam(thread, &parameter));
  return scheduling{static_cast<scheduling_policy>(policy), parameter.priority};
}

Result<> set_niceness(int32_t thread, int niceness) {
  TRY(sys::setpriority(abi::k_prio_process, thread, niceness));
  return {};
}

// The call answers with 20 minus the niceness, so that no answer looks like an errno.
Result<int> get_niceness(int32_t thread) {
  return 20 - static_cast<int>(TRY(sys::getpriority(abi::k_prio_process, thread)));
}

Result<> set_cpus(int32_t thread, const cpu_set& cpus) {
  TRY(sys::sched_setaffinity(thread, sizeof cpus, cpus.words()));
  return {};
}

Result<cpu_set> get_cpus(int32_t thread) {
  cpu_set cpus;
  TRY(sys::sched_getaffinity(thread, sizeof cpus, cpus.words()));
  return cpus;
}

}  // namespace weft
