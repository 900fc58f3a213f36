// How everything in this room waits. An object says in a small struct, an Attempt, what it is to try and
// where to queue; the code here does the waiting, once for stackful coroutines and plain threads, which
// stop where they stand, and once for C++20 tasks, which suspend (co_await).
//
//   struct mutex::Attempt {
//     static constexpr Reason k_reason;             // for the listing
//     const void* object() const;                   // likewise: its address
//     ObjectLock& lock() const;                     // the object's
//     WaitList& waiters() const;
//     bool succeeds(Waiter& waiter);                // under the lock, once: what we want is there, and ours
//     void give_up(Waiter& waiter, WakeList& woken);  // under the lock: the wait is over, in vain
//     void after_unlock();                            // it has succeeded, and the lock is let go
//     using Queued = WaiterWith<Word>;                // what it queues with, in the place of a Waiter
//   };
//
// The last three are for those who need them.
//
// Between the attempt and the queueing the lock is held, and whoever changes the object holds it, too:
// so no wake-up falls between the two. Nobody is woken under a lock: a WakeList gathers who is to be.
#pragma once

#include <bit>
#include <concepts>
#include <coroutine>
#include <type_traits>

#include "userlib/coro/deadline.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/timer.hh"

namespace weft::coro {

// Those whose waits have been claimed under a lock, to be unparked when it has been let go, the first one
// first. They are linked through their Waiters, which stay where they are until then.
class WakeList {
 public:
  WakeList() = default;
  WakeList(const WakeList&) = delete;
  WakeList& operator=(const WakeList&) = delete;
  ~WakeList() { ASSERT(first_ == nullptr, "who was chosen is woken"); }

  // It has been claimed, and is in no queue any more.
  void add(Waiter& claimed) {
    claimed.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &claimed;
    last_ = &claimed;
  }
  // Everyone in the queue whose wait is not over.
  void add_all(WaitList& waiters) {
    while (Waiter* claimed = waiters.claim_waiter()) add(*claimed);
  }
  void wake() {
    while (first_ != nullptr) {
      Coroutine& next = *first_->coroutine;
      first_ = first_->next;
      unpark(next);
    }
  }

 private:
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

namespace detail {

template <typename Attempt>
struct QueuedBy {
  using type = Waiter;
};
template <typename Attempt>
  requires requires { typename Attempt::Queued; }
struct QueuedBy<Attempt> {
  using type = Attempt::Queued;
};

// Ends a wait that came to nothing. The loser of a claim may still be in the queue.
template <typename Attempt>
[[gnu::noinline]] void leave_queue(Attempt& attempt, Waiter& waiter) {
  WakeList woken;
  {
    ObjectGuard guard(attempt.lock());
    attempt.waiters().remove(waiter);
    if constexpr (requires { attempt.give_up(waiter, woken); }) attempt.give_up(waiter, woken);
  }
  woken.wake();
}

// For stackful coroutines and threads. Wake::woken: the attempt has succeeded.
//
// It is inlined up to the switch in park(), and so should be what calls it: a return from a function that
// another coroutine's calls have come between is mispredicted, which costs more than all the rest.
template <typename Attempt>
[[gnu::always_inline]] inline Wake wait(Attempt attempt, Instant deadline, Park how) {
  typename QueuedBy<Attempt>::type waiter;
  attempt.lock().lock();
  if (attempt.succeeds(waiter)) {
    attempt.lock().unlock();
    if constexpr (requires { attempt.after_unlock(); }) attempt.after_unlock();
    return Wake::woken;
  }
  waiter.prepare(Attempt::k_reason, how);
  attempt.waiters().push_back(waiter);
  attempt.lock().unlock();
  const Wake outcome = park(attempt.object(), deadline);
  if (outcome != Wake::woken) leave_queue(attempt, waiter);
  return outcome;
}

// Until it succeeds, whatever comes.
template <typename Attempt>
[[gnu::always_inline]] inline void wait_always(Attempt attempt) {
  (void)wait(attempt, k_never, Park::waiting_uninterruptibly);
}
// Until it succeeds, or the deadline comes, or a cancellation.
template <typename Attempt>
[[gnu::always_inline]] inline Wake wait_until(Attempt attempt, Instant deadline) {
  return wait(attempt, deadline, Park::waiting);
}

// For a task that has queued, under the object's lock: was its cancellation requested before? Then this
// has ended the wait, and the task is to be unparked when the lock has been let go.
inline bool is_cancelled_already(Coroutine& task) {
  if ((task.flags.load(seq_cst) & flag::k_cancel_requested) == 0) return false;
  Park seen = Park::waiting;
  return task.park.compare_exchange(seen, Park::cancelled, acq_rel);
}

// The first half of a cancellation, for who must let go of a lock before the second: requests it, and
// if this has ended a wait, the answer is true and the coroutine is to be unparked.
inline bool claim_for_cancellation(Coroutine& coroutine) {
  coroutine.flags.fetch_or(flag::k_cancel_requested, seq_cst);
  Park seen = Park::waiting;
  return coroutine.park.compare_exchange(seen, Park::cancelled, seq_cst);
}

// How a task's wait may end but by success.
struct Cancellable {
  static constexpr Park k_how = Park::waiting;
  void arm(Coroutine&) {}
  void disarm() {}
};
struct Uninterruptible {
  static constexpr Park k_how = Park::waiting_uninterruptibly;
  void arm(Coroutine&) {}
  void disarm() {}
};
struct Timed {
  static constexpr Park k_how = Park::waiting;
  explicit Timed(Instant deadline) : deadline(deadline) {}
  void arm(Coroutine& task) {
    if (deadline != k_never) timer.arm(task, deadline);
  }
  void disarm() {
    if (deadline != k_never) timer.disarm();
  }
  Instant deadline;
  Timer timer;
};

}  // namespace detail

namespace detail {

// What of a wait lies in a task's frame: the Attempt, and its Waiter.
template <typename Attempt>
struct InFrame {
  explicit InFrame(Attempt attempt) : attempt(attempt) {}
  Attempt& before_wait() { return attempt; }
  void leave_queue() { detail::leave_queue(attempt, waiter); }

  Attempt attempt;
  QueuedBy<Attempt>::type waiter;
};

// Most Attempts are only the object's address, and that needs no word of its own. Before the wait it lies in a word of
// the Waiter that nobody uses as long as that is in no queue. When the wait begins, the task's block is told what
// it waits for, for the listing; and should it come to nothing, the block still knows.
template <typename Attempt>
  requires(sizeof(Attempt) == sizeof(void*) && std::is_trivially_copyable_v<Attempt>)
struct InFrame<Attempt> {
  explicit InFrame(Attempt attempt) { waiter.next = std::bit_cast<Waiter*>(attempt); }
  Attempt before_wait() const { return std::bit_cast<Attempt>(waiter.next); }
  // Apart, or else the compiler gives the variable a place in the task's frame, too.
  [[gnu::noinline]] void leave_queue() {
    auto attempt = std::bit_cast<Attempt>(awaited_by_task());
    detail::leave_queue(attempt, waiter);
  }

  QueuedBy<Attempt>::type waiter;
};

}  // namespace detail

// What a task awaits: `Wake how = co_await mutex.async_lock();`.
template <typename Attempt, typename Ending = detail::Cancellable>
class [[nodiscard]] Operation {
 public:
  template <typename... Deadline>
  explicit Operation(Attempt attempt, Deadline... deadline)
      : in_frame_(attempt), ending_(deadline...) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  bool await_ready() const noexcept { return false; }

  bool await_suspend(std::coroutine_handle<> handle) {
    ASSERT(in_task(), "what awaits here runs on the scheduler: see go(task)");
    auto&& attempt = in_frame_.before_wait();
    auto& waiter = in_frame_.waiter;
    ObjectLock& lock = attempt.lock();
    lock.lock();
    if (attempt.succeeds(waiter)) {
      lock.unlock();
      if constexpr (requires { attempt.after_unlock(); }) attempt.after_unlock();
      return false;
    }
    Coroutine& task = self();
    suspend_task(handle, Attempt::k_reason,
                 attempt.object());  // first: once it waits, a cancellation may let it go on
    waiter.prepare(task, Attempt::k_reason, Ending::k_how);
    ending_.arm(task);
    attempt.waiters().push_back(waiter);
    const bool is_cancelled = detail::is_cancelled_already(task);
    lock.unlock();  // from here on, the task may run on elsewhere, and this frame be gone
    if (is_cancelled) unpark(task);
    return true;
  }

  Wake await_resume() {
    if (in_frame_.waiter.coroutine == nullptr) return Wake::woken;  // it has never waited
    const Wake outcome = end_task_wait();
    // Whoever ended the wait without the lock may have done so while we were still queueing; with the
    // lock, that is over, and the timer is really armed.
    if (outcome != Wake::woken) in_frame_.leave_queue();
    ending_.disarm();
    return outcome;
  }

 private:
  detail::InFrame<Attempt> in_frame_;
  [[no_unique_address]] Ending ending_;
};

template <typename Attempt>
using TimedOperation = Operation<Attempt, detail::Timed>;
template <typename Attempt>
using UninterruptibleOperation = Operation<Attempt, detail::Uninterruptible>;

}  // namespace weft::coro
