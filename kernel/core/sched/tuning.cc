// Changing a thread that runs: its priority, niceness, and the CPUs it may use.
#include <algorithm>

#include "core/sched/balance.hh"
#include "core/sched/cpu.hh"
#include "core/sched/scheduler.hh"
#include "core/sync/inheritance.hh"
#include "core/sync/irq_guard.hh"

namespace weft::sched {
namespace {

// Changes what the policy goes by, then lets it decide anew.
template <typename Change>
void change(Thread& thread, Change apply) NO_THREAD_SAFETY_ANALYSIS {
  IrqGuard irqs_off;
  HomeLock home(thread);
  RunQueue& queue = home.queue();
  const Instant now = hal::now();
  queue.charge(now);
  if (thread.queued) {
    queue.dequeue(thread);
    apply();
    queue.enqueue(thread, Arrival::changed, now);
    if (queue.policy().preempts(thread, *queue.running())) request_reschedule(home.cpu());
  } else {
    apply();
    if (queue.running() == &thread && queue.queued() != 0) request_reschedule(home.cpu());
  }
}

}  // namespace

void set_priority(Thread& thread, int priority) {
  ASSERT(priority >= k_lowest_priority && priority <= k_highest_priority,
         "a priority lies between the lowest and the highest");
  SpinGuard guard(inheritance_lock);
  change(thread, [&] { thread.priority = priority; });
  spread_priority(thread);
}

void set_inherited(Thread& thread, int priority) {
  const int own = thread.priority;
  if (std::max(own, priority) != thread.effective_priority()) {
    change(thread, [&] { thread.inherited = priority; });
  } else {
    IrqGuard irqs_off;
    HomeLock home(thread);
    thread.inherited = priority;  // nothing changes for the policy
  }
}

void set_nice(Thread& thread, int nice) {
  ASSERT(nice >= k_least_nice && nice <= k_most_nice, "niceness lies between -20 and 19");
  change(thread, [&] { thread.nice = nice; });
}

Result<> set_cpu_mask(Thread& thread, CpuMask mask) NO_THREAD_SAFETY_ANALYSIS {
  if (!has_cpu_in_service(mask)) return fail(Errno::inval);
  IrqGuard irqs_off;
  bool has_to_move = false;
  {
    HomeLock home(thread);
    thread.cpu_mask = mask;
    if ((mask >> home.cpu().id & 1) != 0) return {};
    if (thread.state == ThreadState::running) {
      request_reschedule(home.cpu());  // reschedule() sees that it may not stay
    } else if (thread.state == ThreadState::runnable) {
      has_to_move = thread.queued;
      if (has_to_move) {
        home.queue().dequeue(thread);
        home.queue().policy().leave(thread);
      }
      // On no queue, it is on its way between two: whoever moves it will place it here.
      thread.cpu.store(find_cpu(mask, home.cpu().id), release);
    }
  }
  if (has_to_move) place(thread, Arrival::moved);
  return {};
}

Nanoseconds cpu_time(Thread& thread) NO_THREAD_SAFETY_ANALYSIS {
  IrqGuard irqs_off;
  HomeLock home(thread);
  if (home.queue().running() == &thread) home.queue().charge(hal::now());
  return thread.cpu_time;
}

void set_account(Thread& thread, Atomic<Nanoseconds>* account) NO_THREAD_SAFETY_ANALYSIS {
  IrqGuard irqs_off;
  HomeLock home(thread);
  if (home.queue().running() == &thread) home.queue().charge(hal::now());
  thread.account = account;
}

bool is_running(const Thread* thread) {
  for (unsigned id = 0; id < hal::cpu_count(); ++id) {
    if (cpus[id].queue.running() == thread) return true;
  }
  return false;
}

}  // namespace weft::sched
