// Waiting: the one protocol that everything which blocks a coroutine stands on. Mutexes, channels,
// timers, the reactor and join() use it; users don't. Nothing here allocates.
//
// The waiting side, with `lock` the object's own lock (an ObjectLock, or another that makes an atomic
// exchange):
//
//     Waiter waiter;                        // on the stack of who waits, or in its task's frame
//     lock.lock();
//     if (there is no need to wait) return lock.unlock();
//     waiter.prepare(Reason::mutex);        // from here on it may be claimed
//     waiters_.push_back(waiter);           // published
//     lock.unlock();
//     Wake how = weft::coro::park(this, deadline);
//     if (how != Wake::woken) {             // nobody has taken it out of the queue
//       lock.lock(); waiters_.remove(waiter); lock.unlock();
//     }
//
// The waking side:
//
//     lock.lock();
//     Coroutine* chosen = waiters_.claim_first();  // the first whose wait wasn't over yet
//     lock.unlock();
//     if (chosen != nullptr) unpark(*chosen);      // nobody is woken under a lock
//
// What is promised
// - Exactly one of a wake, the deadline and a cancellation ends a wait: whoever wins claim(). The loser
//   does nothing, and its claim() tells it so; a semaphore's unit, say, then goes to the next waiter.
// - A wait that is over by deadline or cancellation has left its Waiter in the queue; it must take it
//   out, under the lock, before the Waiter goes. remove() may find it gone: claim_first() drops those
//   whose wait is over.
// - No wake-up is lost between the unlocking and park(): a claimed waiter can be unparked before it has
//   parked. (Whoever picks it from a queue waits for the last instructions of the switch, which says
//   so by its last store.)
// - The waker may not touch the Waiter any more once it has unparked the coroutine.
// - Who waits may be a coroutine, a plain thread (park() then sleeps on a futex), or a C++20 task, which
//   calls suspend_task() in its await_suspend() instead of park(). unpark() works from anywhere.
// - Several Waiters prepared by one coroutine for one park() (a select) share the one claim.
// - FIFO is kept by the queue: claim_first() takes the one that waits longest.
//
// A lone worker (Options::mode == Mode::lone) has no other threads beside it, so none of this needs an
// atomic instruction there: see exclusive(). Its objects belong to its thread; other threads reach its
// coroutines by unpark() alone.
#pragma once

#include <coroutine>

#include "core/base/assert.hh"
#include "userlib/coro/object_lock.hh"
#include "userlib/coro/worker.hh"

namespace weft::coro {

// The coroutine that runs here, or the block that stands for this plain thread. Unlike running(), this
// one can wait.
Coroutine& self();

// Ends that coroutine's wait, if it waits and nobody else has ended it. The winner must unpark() it.
// Only for who knows that it still is the wait that is meant: the object's lock says so.
inline bool claim(Coroutine& waiting, Park outcome) {
  if (exclusive()) {
    if (!is_waiting(waiting.park.load(relaxed))) return false;
    waiting.park.store(outcome, relaxed);
    return true;
  }
  // Who waits in place reads that line all the time: it comes here once, to be changed and not to be read first.
  sys::fetch_to_change(&waiting);
  if (const Worker* worker = this_worker()) worker->fetch_for_wake();
  Park seen = waiting.park.load(relaxed);
  if (seen == Park::waiting_uninterruptibly) {  // nobody else ends such a wait
    waiting.park.store(outcome, release);
    return true;
  }
  while (is_waiting(seen)) {
    if (waiting.park.compare_exchange(seen, outcome, seq_cst)) return true;
  }
  return false;
}

// A place in an object's queue.
struct Waiter {
  constexpr Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Begins a wait of the coroutine (or task, or thread) that runs here. (A lone worker's thread is no plain one, so
  // self() has nothing to make there.)
  [[gnu::always_inline]] void prepare(Reason reason, Park how = Park::waiting) {
    prepare(exclusive() ? running() : self(), reason, how);
  }
  void prepare(Coroutine& who, Reason reason, Park how = Park::waiting) {
    coroutine = &who;
    who.reason = reason;
    // The object's lock publishes it. From then on, among workers, who wakes us finds us in place: we are not woken
    // by way of a queue before we have left our stack for good.
    if (exclusive()) return who.park.store(how, relaxed);
    if (who.context.resume_at.load(relaxed) == k_running)
      who.context.resume_at.store(k_in_place, relaxed);
    if (how == Park::waiting_uninterruptibly) return who.park.store(how, relaxed);
    // It must be seen before we look whether a cancellation was requested, as that is seen before its author
    // looks whether we wait.
    who.park.exchange(how, seq_cst);
  }

  // (One that claim_waiter() has answered is in no list, either.)
  bool is_listed() const { return previous != this; }

  Waiter* next = nullptr;
  Waiter* previous = this;  // in no list
  Coroutine* coroutine = nullptr;
};

// With a word of the object's own: what is wanted of it, or where a channel's value goes or comes from. All in one
// queue are of the same kind, so who looks into such a queue knows what else each Waiter has.
template <typename Word>
struct WaiterWith : Waiter {
  Word word{};
};
template <typename Word>
Word& word_of(Waiter& waiter) {
  return static_cast<WaiterWith<Word>&>(waiter).word;
}

// The waiters of an object, the longest waiting first. Guarded by the object's lock.
class WaitList {
 public:
  WaitList() = default;
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  ~WaitList() { ASSERT(empty(), "an object outlives those who wait for it"); }

  bool empty() const { return first_ == nullptr; }
  Waiter* front() const { return first_; }

  void push_back(Waiter& waiter) {
    waiter.next = nullptr;
    waiter.previous = last_;
    if (last_ == nullptr) {
      set_first(&waiter);
    } else {
      last_->next = &waiter;
    }
    last_ = &waiter;
  }

  // Before all others: for one that was passed over.
  void push_front(Waiter& waiter) {
    waiter.next = first_;
    waiter.previous = nullptr;
    (first_ == nullptr ? last_ : first_->previous) = &waiter;
    set_first(&waiter);
  }

  // Takes it out, if it is in.
  void remove(Waiter& waiter) {
    if (!waiter.is_listed()) return;
    if (waiter.previous == nullptr) {
      set_first(waiter.next);
    } else {
      waiter.previous->next = waiter.next;
    }
    (waiter.next == nullptr ? last_ : waiter.next->previous) = waiter.previous;
    waiter.previous = &waiter;
  }

  Waiter* pop_front() {
    Waiter* first = first_;
    if (first != nullptr) remove(*first);
    return first;
  }

  // Takes waiters out until one's wait can be ended; null if there is none. With the Waiter itself for
  // objects that hand something over: it may be used until its coroutine is unparked. Its owner must not remove() it.
  Waiter* claim_waiter() {
    if (!claim_front()) return nullptr;
    Waiter* const claimed = first_;
    take_front();
    return claimed;
  }
  Coroutine* claim_first() {
    if (!claim_front()) return nullptr;
    Coroutine* const claimed = first_coroutine_;
    take_front();
    return claimed;
  }

 private:
  // A lone worker's short way is inline.
  [[gnu::always_inline]] bool claim_front() {
    if (first_ == nullptr) return false;
    if (exclusive() && claim(*first_coroutine_, Park::woken)) return true;
    return claim_front_slowly();
  }
  bool claim_front_slowly() {
    while (first_ != nullptr) {
      if (claim(*first_coroutine_, Park::woken)) return true;
      pop_front();
    }
    return false;
  }
  // One that is alone is not touched, since its memory is in another CPU's cache, most often.
  void take_front() {
    if (first_ == last_) {
      first_ = last_ = nullptr;
    } else {
      set_first(first_->next);
      first_->previous = nullptr;
    }
  }
  void set_first(Waiter* first) {
    first_ = first;
    if (first != nullptr) first_coroutine_ = first->coroutine;
  }

  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  // If there is a first, its coroutine: so nobody waits for the Waiter to come from another CPU's cache.
  Coroutine* first_coroutine_ = nullptr;
};

// How the wait of `me` ended, and the end of it. park() does this itself.
inline Wake end_wait(Coroutine& me) {
  const Park how = me.park.load(acquire);
  ASSERT(how >= Park::woken, "a coroutine is unparked after its wait was claimed");
  me.park.store(Park::none, relaxed);
  me.reason = Reason::none;
  return static_cast<Wake>(static_cast<uint8_t>(how) - static_cast<uint8_t>(Park::woken));
}
static_assert(static_cast<int>(Park::cancelled) - static_cast<int>(Park::woken) ==
              static_cast<int>(Wake::cancelled));

// The end of a wait that `me` has prepared, and that nobody else ends: it was not published, or has been claimed by
// `me`.
inline void take_back_wait(Coroutine& me) {
  if (me.context.resume_at.load(relaxed) == k_in_place)
    me.context.resume_at.store(k_running, relaxed);
  me.park.store(Park::none, relaxed);
  me.reason = Reason::none;
}

namespace detail {
Wake park_slowly(const void* object, Instant deadline);
void unpark_slowly(Coroutine& claimed);
}  // namespace detail

// Stops the coroutine (or plain thread) that runs here until its wait, which has been prepared, is
// ended by a claim and an unpark(), by the deadline (on the clock of now()), or by a cancellation.
// `object` is for the listing. Not from a C++20 task, whose stack is the worker's.
//
// The short way, all inline, is that of a lone worker whose next coroutine has run before.
[[gnu::always_inline]] inline Wake park(const void* object, Instant deadline = k_never) {
  // (Among workers `next` may be in use already: by who has ended the wait, and links it with others.)
  if (deadline != k_never || !has_short_ways()) [[unlikely]]
    return detail::park_slowly(object, deadline);
  Coroutine& me = running();
  Coroutine& next = *me.next;
  if (next.context.resume_at.load(relaxed) <= k_last_mark || me.flags.load(relaxed) != 0 ||
      &next == &me) [[unlikely]]
    return detail::park_slowly(object, deadline);
  Worker::unlink(me);
  me.object = object;
  set_running(next);
  switch_to(me, next);
  return end_wait(me);
}

// Makes it runnable again. For the winner of claim() alone, once, under no ObjectLock.
inline void unpark(Coroutine& claimed) {
  if (!goes_short_way(claimed.context.resume_at.load(relaxed))) [[unlikely]]
    return detail::unpark_slowly(claimed);
  Worker::insert_before(running(), claimed);
}
// The same for several, linked through `next`, the first to run first. Wakes sleeping workers once.
void unpark_all(Coroutine* claimed);

// Time on the scheduler's clock: CLOCK_MONOTONIC, or the deterministic mode's virtual time.
Instant now();

// ---- C++20 tasks -------------------------------------------------------------------------------------
// A root task (one that was spawned, not awaited) owns a Coroutine block; the tasks it awaits run under
// the same block. It waits like everyone, but for the last step:
//
//     bool await_suspend(std::coroutine_handle<> handle) {
//       lock.lock();
//       if (there is no need to wait) return lock.unlock(), false;
//       waiter.prepare(Reason::mutex);
//       suspend_task(handle, Reason::mutex, this);  // before it is published: it may go on at once, elsewhere
//       waiters_.push_back(waiter);
//       lock.unlock();                      // from here on this frame may be gone
//       return true;
//     }
//     void await_resume() { Wake how = end_task_wait(); ... }
//
// A deadline is a Timer (timer.hh) in the awaiter: armed before it is published, disarmed at the end.

// Does a task run here (and not a stackful coroutine or a plain thread, which can park())?
bool in_task();
// The task that runs here will go on by resuming that handle.
void suspend_task(std::coroutine_handle<> resume_by, Reason reason, const void* object);
// How the wait ended.
Wake end_task_wait();
// And what it was for: the `object` that suspend_task() was told last.
const void* awaited_by_task();
// Lets a new root task begin, as `block`, which lives until the task is over.
void start_task(Coroutine& block, std::coroutine_handle<> begin_by);
// The task that runs here is over, and its block may go. Its last step, from its final_suspend().
void end_task();
// The task that runs here goes to the end of the queue.
void yield_task(std::coroutine_handle<> resume_by);

}  // namespace weft::coro
