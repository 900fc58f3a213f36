// RunQueue: the threads that are Runnable on one CPU, the one that is Running there, and who pays
// for the CPU's time. Only the scheduler uses it.
#pragma once

#include "core/sched/policy.hh"
#include "core/sched/thread.hh"
#include "core/sync/spin_lock.hh"

namespace weft::sched {

struct Cpu;

class RunQueue {
 public:
  SpinLock lock{Rank::run_queue};

  // Makes the policy object; `idle` runs when nothing else does.
  void init(PolicyKind kind, Thread& idle) NO_THREAD_SAFETY_ANALYSIS;

  // The CPU starts to work: time is counted from here.
  void start_clock(Instant now) REQUIRES(lock) { charged_until_ = now; }
  // The running thread pays for the time since it last paid.
  void charge(Instant now) REQUIRES(lock);
  // A thread comes while another one runs (not the idle one), which pays. How long that one may go on
  // now; 0: it should give way at once.
  Nanoseconds arrive(Thread& thread, Arrival why, Instant now) REQUIRES(lock);
  // The running thread pays, and blocks or ends. Who comes next; nullptr if none is queued.
  Thread* replace(Thread& leaving, Instant now) REQUIRES(lock);
  void enqueue(Thread& thread, Arrival why, Instant now) REQUIRES(lock);
  // Takes a queued thread out.
  void dequeue(Thread& thread) REQUIRES(lock);
  // Takes out the thread to run; nullptr if none is queued.
  Thread* pick(Instant now) REQUIRES(lock);
  // The running thread pays and comes to the queue, since it yields, and the next is picked.
  Thread* yield(Thread& thread, Instant now) REQUIRES(lock);
  // Takes out a thread that may run on that CPU, for it to take; nullptr if there is none.
  Thread* give_away(unsigned to_cpu) REQUIRES(lock);

  bool is_idle() const { return running_.load(relaxed) == idle_; }
  Thread* running() const { return running_.load(relaxed); }
  void set_running(Thread& thread) REQUIRES(lock) { running_.store(&thread, relaxed); }
  // How many wait for this CPU. Without the lock it is a hint. Sequentially consistent, as is the
  // set of idle CPUs: a CPU that goes idle and one that gets work see each other (scheduler.cc).
  size_t queued() const { return queued_.load(seq_cst); }

  Policy& policy() REQUIRES(lock) { return *policy_; }
  Thread& idle() const { return *idle_; }

  Thread* previous GUARDED_BY(lock) = nullptr;     // during a switch: who is leaving
  bool reschedule_asked GUARDED_BY(lock) = false;  // by another CPU, which sends a kick
  Instant next_balance GUARDED_BY(lock) = 0;

 private:
  // The running thread has used the CPU for that long since it last paid.
  Nanoseconds settle(Thread& thread, Instant now) REQUIRES(lock);
  void note_enqueued() REQUIRES(lock) { queued_.store(queued_.load(relaxed) + 1, seq_cst); }
  void note_taken_out() REQUIRES(lock) { queued_.store(queued_.load(relaxed) - 1, relaxed); }

  PolicyBox policy_ GUARDED_BY(lock);
  Instant charged_until_ GUARDED_BY(lock) = 0;
  Thread* idle_ = nullptr;
  Atomic<Thread*> running_{nullptr};  // written under the lock
  Atomic<size_t> queued_{0};          // written under the lock
};

// Holds the lock of the run queue that a thread belongs to, wherever that is just now. Interrupts
// are off.
class HomeLock {
 public:
  explicit HomeLock(Thread& thread) NO_THREAD_SAFETY_ANALYSIS;
  ~HomeLock() NO_THREAD_SAFETY_ANALYSIS;
  HomeLock(const HomeLock&) = delete;
  HomeLock& operator=(const HomeLock&) = delete;

  Cpu& cpu() const { return *cpu_; }
  RunQueue& queue() const;
  // Lets the lock go early.
  void unlock() NO_THREAD_SAFETY_ANALYSIS;

 private:
  Cpu* cpu_;
};

}  // namespace weft::sched
