// Worker: one kernel thread that runs coroutines. It has a context of its own, on the thread's stack,
// called its base: that is where it looks for work, polls, and sleeps.
//
// A lone worker's queue is a ring through the coroutines themselves, the running one among them: a
// yield just goes one on. New and woken ones are put before the running one, which is the ring's end.
//
//          ┌──> A (running) ──> B ──> C ──┐        the next to run: B; a new one goes between C and A
//          └──────────────────────────────┘
//
// While the base runs, it stands in the ring (alone, if there is nothing else); otherwise it isn't in.
#pragma once

#include <coroutine>

#include "core/base/assert.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/current.hh"
#include "userlib/coro/frame.hh"
#include "userlib/coro/stack_pool.hh"
#include "userlib/coro/timer_queue.hh"

namespace weft::coro {

class Scheduler;

class Worker {
 public:
  explicit Worker(Scheduler& scheduler, unsigned number);

  // This thread's worker; for plain threads, the first one.
  static Worker& for_timers();

  unsigned number() const { return number_; }
  TimerQueue& timers() { return timers_; }
  Scheduler& scheduler() { return scheduler_; }
  StackCache& stacks() { return stacks_; }
  BlockCache& blocks() { return blocks_; }
  Coroutine& base() { return base_; }

  // What the thread does from here on: runs coroutines until there are no more.
  // The first worker begins with begin(argument), on its base.
  void live(void (*begin)(void*), void* argument);

  // -- For the coroutine that runs here --------------------------------------------------------------
  // Stops `me`, which waits for `object`, and goes on with another. Back when it has been unparked and
  // picked, maybe on another worker.
  void switch_away(Coroutine& me, const void* object);
  // The long way of a yield.
  void yield(Coroutine& me);
  // `child`, which is new, runs at once; `me` goes on when it stops or ends, or on another worker.
  void run_child(Coroutine& me, Coroutine& child);
  // The end of `me`, whose result is in place: its stack goes back, and somebody else goes on. If that
  // is one that hasn't started yet and wants such a stack, it is returned and may have this one.
  Coroutine* end(Coroutine& me);

  // Puts one that is claimed or new into this worker's queue. On its own thread.
  void make_runnable(Coroutine& coroutine);
  // From any thread.
  void make_runnable_from_afar(Coroutine& coroutine);

  // Makes the running coroutine's next yield look at clock, descriptors and inbox. From any thread.
  void ask() { limit_->store(~uintptr_t{0}, relaxed); }

  // Tasks (C++20).
  void set_task_aside(Coroutine& task);

  uint64_t spawned = 0;
  uint64_t ended = 0;

  // Ring.
  static void insert_before(Coroutine& place, Coroutine& coroutine) {
    coroutine.next = &place;
    coroutine.previous = place.previous;
    place.previous->next = &coroutine;
    place.previous = &coroutine;
  }
  static void unlink(Coroutine& coroutine) {
    coroutine.next->previous = coroutine.previous;
    coroutine.previous->next = coroutine.next;
  }

 private:
  Coroutine& make_ready(Coroutine& next);
  void go_on(Coroutine& me, Coroutine& next);
  [[noreturn]] void leave_for(Coroutine& next);
  // Gives a new coroutine a stack, so that it can be switched to.
  void furnish(Coroutine& coroutine);
  void run_task(Coroutine& task);
  bool poll();
  bool empty_inbox();
  void sleep();

  Scheduler& scheduler_;
  const unsigned number_;
  Atomic<uintptr_t>* limit_ = nullptr;
  Coroutine base_;
  BlockCache blocks_;
  StackCache stacks_;
  TimerQueue timers_;
  Atomic<Coroutine*> inbox_{nullptr};  // from other threads, the newest first
  Atomic<uint32_t> sleeping_{0};       // a futex
};

}  // namespace weft::coro
