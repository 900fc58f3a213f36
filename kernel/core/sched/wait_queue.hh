// The wait protocol: the one way in which a thread blocks. Every lock, pipe and timer stands on it.
//
//   prepare   put yourself on the queue, under the lock that guards the condition
//   test      look at the condition, still under that lock
//   block     let the lock go and sleep, unless a wake-up has come since `prepare`
//   finish    take the lock again and leave the queue
//
// Why no wake-up is lost: from `prepare` on, a waker finds the waiter on the queue. It writes the
// outcome into the waiter's record first and wakes the thread second; `block` looks at the outcome
// under the lock of the run queue, and the waker wakes under the same lock. So either `block` sees
// the outcome and does not sleep, or the waker sees a sleeping thread and wakes it.
//
// The record stands on the waiter's stack: blocking allocates nothing and cannot fail. `finish`
// passes through the queue's lock, so when it returns no waker is using the record or the queue.
#pragma once

#include "core/base/atomic.hh"
#include "core/base/calling.hh"
#include "core/base/list.hh"
#include "core/base/result.hh"
#include "core/base/types.hh"
#include "core/sched/thread.hh"
#include "core/sync/spin_lock.hh"

namespace weft {

// How a wait ended. The first to claim an end decides it.
enum class Outcome : uint8_t { pending, woken, timed_out, interrupted };

// How long to wait, and for what besides.
struct WaitLimit {
  Instant deadline = k_never;
  bool interruptible = false;  // Thread::interrupt() ends it

  static WaitLimit until(Instant deadline) { return {deadline, false}; }
};

// {}, Errno::timedout or Errno::intr.
Result<> to_result(Outcome outcome);

// Who can end a wait, as far as the waiter knows: to be told, not to be relied on.
class Ender {
 public:
  constexpr Ender() = default;
  // The process or thread with that number.
  static Ender number(uint32_t id) { return Ender(uintptr_t{id} << k_kind_bits | k_number); }
  // Whoever has that object: a file, a table of descriptors, or a file that serves it (fs::File::serves).
  static Ender having(const void* object) { return Ender(reinterpret_cast<uintptr_t>(object)); }
  // The files of that ipc::PollSet, each in its way.
  static Ender polled(const void* set) {
    return Ender(reinterpret_cast<uintptr_t>(set) | k_polled);
  }

  uint32_t number() const { return kind() == k_number ? word_ >> k_kind_bits : 0; }
  const void* object() const { return kind() == k_object ? pointer() : nullptr; }
  const void* poll_set() const { return kind() == k_polled ? pointer() : nullptr; }

 private:
  static constexpr unsigned k_kind_bits = 2;
  static constexpr uintptr_t k_object = 0, k_number = 1, k_polled = 2, k_kind = 3;

  explicit constexpr Ender(uintptr_t word) : word_(word) {}
  uintptr_t kind() const { return word_ & k_kind; }
  const void* pointer() const { return reinterpret_cast<const void*>(word_ & ~k_kind); }

  uintptr_t word_ = 0;
};

class Waiter {
 public:
  // `reason` and `object` tell what the thread waits for: shown by ps, gdb and the timeline.
  Waiter(BlockReason reason, const void* object)
      : thread_(*hal::current()), object_(object), reason_(reason) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Sleeps until the outcome is known. May be called without a queue: then only the limit ends it.
  // No spin lock is held and interrupts are on.
  Outcome block(WaitLimit limit = {}) {
    interruptible_ = limit.interruptible;
    if (limit.deadline == k_never) [[likely]]
      return sleep();
    return sleep_until(limit.deadline);
  }
  // The same for who has interrupts off from a spin lock that was taken with them on. They are on again
  // afterwards.
  Outcome block_irqs_off(WaitLimit limit) {
    interruptible_ = limit.interruptible;
    if (limit.deadline == k_never) [[likely]]
      return sleep_irqs_off();
    hal::irq_restore(true);
    return sleep_until(limit.deadline);
  }

  // Decides how the wait ends, if that is open; true if it was. It wakes nobody.
  bool claim(Outcome outcome) {
    Outcome open = Outcome::pending;
    return outcome_.compare_exchange(open, outcome, acq_rel);
  }
  Outcome outcome() const { return outcome_.load(acquire); }

  Thread& thread() const { return thread_; }
  BlockReason reason() const { return reason_; }
  const void* object() const { return object_; }
  // To be said before it blocks.
  void set_ender(Ender ender) { ender_ = ender; }
  Ender ender() const { return ender_; }
  bool is_interruptible() const { return interruptible_; }

 private:
  friend class WaitQueue;

  Outcome sleep();
  Outcome sleep_irqs_off();
  Outcome sleep_until(Instant deadline);

  ListHook hook_;
  Thread& thread_;
  const void* object_;
  Ender ender_;
  Atomic<Outcome> outcome_{Outcome::pending};
  BlockReason reason_;
  bool interruptible_ = false;
};

// The threads that wait for one thing, in the order in which they will be served. The lock that
// guards the thing itself guards the queue, too; it is held in all calls. An owner writes:
//   SpinLock lock_{Rank::wait_queue};
//   WaitQueue waiters_ GUARDED_BY(lock_){lock_};
class WaitQueue {
 public:
  constexpr explicit WaitQueue(SpinLock& lock) : lock_(&lock) {}
  // A mutex guards the thing and the queue: its owner takes the four steps, without block().
  constexpr WaitQueue() = default;
  ~WaitQueue() { DEBUG_ASSERT(waiters_.empty(), "nobody waits for what goes away"); }
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  // The four steps. Between prepare() and finish() the caller lets the lock go and calls block().
  void prepare(Waiter& waiter) { waiters_.push_back(waiter); }
  // Leaves the queue if still on it. Returns the outcome; `pending` if the wait was given up.
  Outcome finish(Waiter& waiter);
  // block and finish in one: lets the lock go meanwhile, holds it again at the end.
  KEEPS_NO_REGISTERS Outcome block(Waiter& waiter, WaitLimit limit = {}) NO_THREAD_SAFETY_ANALYSIS;

  // Ends the wait of the first that has not ended otherwise; who that was, or nullptr.
  Thread* wake_one();
  // Half of that, for who has interrupts off: the caller wakes the thread (sched::wake_irqs_off) before
  // the lock is let go.
  Thread* end_first() {
    while (Waiter* const first = waiters_.front()) {
      Thread& thread = first->thread_;
      waiters_.remove(*first);
      if (first->claim(Outcome::woken)) [[likely]]
        return &thread;
    }
    return nullptr;
  }
  // The same for one certain waiter; false if its wait has ended otherwise.
  bool wake(Waiter& waiter);
  // How many.
  size_t wake_all();

  bool empty() const { return waiters_.empty(); }
  Waiter* front() const { return waiters_.front(); }
  Waiter* after(const Waiter& waiter) const { return waiters_.after(waiter); }
  // Like prepare(), but in front of the first that is less urgent.
  void prepare_by_priority(Waiter& waiter);
  // The waiter's priority has changed: moves it to its place, if it is still on the queue.
  void reorder(Waiter& waiter);

 private:
  SpinLock* lock_ = nullptr;
  List<Waiter, &Waiter::hook_> waiters_;
};

}  // namespace weft
