#include "core/proc/usage.hh"

#include <algorithm>

#include "core/proc/process.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/time_values.hh"

namespace weft::proc {
namespace {

// Divides the exact time as the samples say: total * system / all, without a product that overflows.
void divide(Usage& usage, Nanoseconds total, const SampledTime& sampled) {
  Nanoseconds system = sampled.system.load(relaxed);
  Nanoseconds all = system + sampled.user.load(relaxed);
  for (; all >> 32 != 0; all /= 2) system /= 2;
  usage.system_time = system == 0 ? 0 : total / all * system + total % all * system / all;
  usage.user_time = total - usage.system_time;
}

// All but the times.
void count(Usage& usage, const UserThread& thread) {
  usage.faults += thread.faults;
  usage.preemptions += thread.thread.preemptions;
  usage.switches +=
      thread.thread.switches - std::min(thread.thread.switches, thread.thread.preemptions);
}

void update_most_resident(Usage& usage, const mm::AddressSpace& memory) {
  usage.most_resident = std::max(usage.most_resident, memory.most_resident_pages());
}

// At the soft limit a signal each second, at the hard one the end.
void check_cpu_limit(Process& process) {
  const abi::ResourceLimit limit = process.limits.get(abi::k_rlimit_cpu);
  if (limit.soft == abi::k_no_limit && limit.hard == abi::k_no_limit) [[likely]]
    return;
  const uint64_t seconds = cpu_time_of(process) / k_second;
  if (seconds >= limit.hard) {
    (void)send_to_process(process, info_from_kernel(abi::k_sigkill));
  } else if (seconds >= limit.soft) {
    process.limits.set(abi::k_rlimit_cpu, {limit.soft + 1, limit.hard});
    (void)send_to_process(process, info_from_kernel(abi::k_sigxcpu));
  }
}

void tick(Thread& thread, bool in_user_mode, Nanoseconds elapsed) {
  auto& self = static_cast<UserThread&>(*thread.user);
  SampledTime& of_process = self.process.usage.sampled;
  (in_user_mode ? self.sampled.user : self.sampled.system).fetch_add(elapsed, relaxed);
  (in_user_mode ? of_process.user : of_process.system).fetch_add(elapsed, relaxed);
  check_cpu_limit(self.process);
  ClockTimer::run_due(self.process);
}

}  // namespace

void Usage::add(const Usage& other) {
  user_time += other.user_time;
  system_time += other.system_time;
  faults += other.faults;
  switches += other.switches;
  preemptions += other.preemptions;
  most_resident = std::max(most_resident, other.most_resident);
}

Usage usage_of(UserThread& thread) {
  Usage usage;
  divide(usage, sched::cpu_time(thread.thread), thread.sampled);
  count(usage, thread);
  update_most_resident(usage, *thread.process.memory);
  return usage;
}

Usage usage_of(Process& process) {
  Usage usage = process.usage.ended_threads;
  divide(usage, cpu_time_of(process), process.usage.sampled);
  for (const UserThread& thread : process.threads) count(usage, thread);
  if (process.memory) update_most_resident(usage, *process.memory);
  return usage;
}

Nanoseconds cpu_time_of(Process& process) {
  const Thread& self = *hal::current();
  if (self.account == &process.usage.cpu_time) (void)sched::cpu_time(*hal::current());
  return process.usage.cpu_time.load(relaxed);
}

Nanoseconds user_time_of(Process& process) {
  Usage usage;
  divide(usage, cpu_time_of(process), process.usage.sampled);
  return usage.user_time;
}

void keep_usage(UserThread& thread) { count(thread.process.usage.ended_threads, thread); }

void keep_most_resident(Process& process, const mm::AddressSpace& memory) {
  SpinGuard guard(tree_lock);
  update_most_resident(process.usage.ended_threads, memory);
}

void start_ticks() { sched::on_tick(tick); }

abi::ResourceUsage to_resource_usage(const Usage& usage) {
  abi::ResourceUsage result{};
  result.user_time = sched::to_timeval(usage.user_time);
  result.system_time = sched::to_timeval(usage.system_time);
  result.max_resident = static_cast<int64_t>(usage.most_resident * (k_page_size / 1024));
  result.minor_faults = static_cast<int64_t>(usage.faults);
  result.voluntary_switches = static_cast<int64_t>(usage.switches);
  result.involuntary_switches = static_cast<int64_t>(usage.preemptions);
  return result;
}

}  // namespace weft::proc
