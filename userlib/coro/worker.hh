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
//
// A worker that shares keeps what is runnable where idle workers can take it: what it left to begin a
// child at once (a deque), the one it woke last (a slot), all others (a fair queue). What is in there may
// still be on its way out of its stack: who picks it waits until its registers are saved, which is a
// matter of some instructions, and is told by Context::resume_at.
#pragma once

#include <coroutine>
#include <utility>

#include "core/base/assert.hh"
#include "userlib/base/registers.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/current.hh"
#include "userlib/coro/frame.hh"
#include "userlib/coro/reactor.hh"
#include "userlib/coro/run_queue.hh"
#include "userlib/coro/sanitizers.hh"
#include "userlib/coro/stack_pool.hh"
#include "userlib/coro/timer_queue.hh"
#include "userlib/coro/trace.hh"
#include "userlib/coro/watch.hh"
#include "userlib/sys/asymmetric.hh"
#include "userlib/sys/cache_line.hh"
#include "userlib/sys/uninterrupted.hh"

namespace weft::coro {

class Scheduler;

// Coroutines linked through `next`.
struct Chain {
  Coroutine* first = nullptr;
  Coroutine* last = nullptr;
  size_t count = 0;

  void append(Coroutine& coroutine) {
    coroutine.next = nullptr;
    (last == nullptr ? first : last->next) = &coroutine;
    last = &coroutine;
    ++count;
  }
  // The first, or null.
  Coroutine* take() {
    Coroutine* taken = first;
    if (taken == nullptr) return nullptr;
    first = taken->next;
    if (first == nullptr) last = nullptr;
    --count;
    taken->next = taken;
    return taken;
  }
};

class Worker {
 public:
  Worker(Scheduler& scheduler, unsigned number);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // This thread's worker; for plain threads, the first one.
  static Worker& for_timers();

  unsigned number() const { return number_; }
  TimerQueue& timers() { return timers_; }
  Reactor& reactor() { return reactor_; }
  BlockCache& blocks() { return blocks_; }
  Tracer& tracer() { return tracer_; }
  const Coroutine& base() const { return base_; }

  // What the thread does from here on: runs coroutines until there are no more. The first worker begins
  // with begin(argument), on its base.
  void live(void (*begin)(void*), void* argument);

  // ---- For the coroutine that runs here, `me`
  // It waits for `object`, and somebody else goes on. Back when it has been unparked and picked, maybe
  // on another worker.
  void switch_away(Coroutine& me, const void* object);
  // The same with the end of its wait, for one that nothing but a wake concerns. Who comes back has one return to go,
  // since the CPU guesses none right that comes after a switch.
  Wake wait_until_woken(Coroutine& me, const void* object);
  // The long way of a yield.
  void yield(Coroutine& me);
  // Its time slice is over.
  void give_way(Coroutine& me);
  // `child`, which is new, runs at once; `me` goes on when it stops or ends, or on another worker.
  void run_child(Coroutine& me, Coroutine& child);
  // The same on a lone worker with has_short_ways(): `function(child, closure)` runs at once as a new
  // coroutine; which one, or null if there is no block or no stack at hand. In line: what returns there was
  // not called. Not on a packed stack, the end of which is looked at when it comes back.
  Coroutine* begin_at_once(const Kind& kind, void (*function)(Coroutine&, void*), void* closure,
                           StackSize stack, uint32_t place);
  // The same among workers that share, where ways_here() says `before_parents`: `function(child, closure, me, *this)`
  // calls leave_parent(me, child) once it has taken what it wants from `closure`. From then on `me` may go on elsewhere.
  Coroutine* begin_before_parent(const Kind& kind,
                                 void (*function)(Coroutine&, void*, Coroutine&, Worker&),
                                 void* closure, StackSize stack, uint32_t place);
  [[gnu::always_inline]] void leave_parent(Coroutine& parent, Coroutine& child);
  // The end of one that began at once on a lone worker, if it can go on with another right away: it doesn't return
  // then.
  void end_at_once(Coroutine& me);
  // Any other's end. The result is in place, the stack goes back (but is stood on until the switch), and what is
  // returned goes on. If that is marked as running, it is one that begins, in the place of `me` on the same stack.
  // The second is a short way to the same for a lone worker: null if it doesn't fit.
  Coroutine& end(Coroutine& me);
  Coroutine* end_shortly(Coroutine& me);
  // The end on a worker that shares, of one that has run here all the time since `parent` was left for it: may it go
  // on with that one, unless somebody was woken, whose turn it is first, or a thief has it? And if so:
  bool has_woken() const { return newest_.load(relaxed) != nullptr; }
  bool has_parent_early(const Coroutine& parent) { return continuations_.pop_early(parent); }
  bool has_last_parent() { return continuations_.pop_last(); }
  [[noreturn]] void end_before_parent(Coroutine& me, Coroutine& parent);
  // A task has ended: tells who waits for it, or drops it.
  void settle_and_release(Coroutine& task, const Kind& kind);
  // The C++20 task that runs here gives the stack back to the base, which it stands on.
  void set_task_aside(Coroutine& task);

  // ---- The ring
  static void insert_before(Coroutine& place, Coroutine& coroutine) {
    Coroutine& before = *place.previous;
    coroutine.next = &place;
    coroutine.previous = &before;
    before.next = &coroutine;
    place.previous = &coroutine;
  }
  static void unlink(Coroutine& coroutine) {
    Coroutine& before = *coroutine.previous;
    Coroutine& after = *coroutine.next;
    before.next = &after;
    after.previous = &before;
  }

  // ---- Wakes
  // Was it waiting in place, and goes on there? Then all is done. From any thread, by who may unpark it.
  static bool wake_in_place(Coroutine& claimed);
  // Somebody's wait is about to end here. If that is likely to end a worker's sleep, too, as it did the last time,
  // what this takes comes from the other CPUs side by side.
  void fetch_for_wake() const {
    if (!wakes_sleepers_) return;
    sys::fetch_to_change(&newest_);
    sys::fetch_to_change(&idle_);
  }
  // A new one, or one whose wait was claimed, into this worker's queue. On its own thread.
  void make_runnable(Coroutine& coroutine);
  // The same for one that was waited for; among workers that share it is the next to run here.
  void make_next(Coroutine& coroutine);
  // It leaves no more parents without a look who sleeps. From any thread.
  void ask_for_parents() { continuations_.ask(); }
  // From the scheduler's queue into this one's, by its own thread. False if it is full.
  bool take_in(Coroutine& coroutine) { return queue_.push(coroutine); }
  // From any thread, to a lone worker.
  void post(Coroutine& coroutine);
  // There is a timer (or something else to poll) now: yields have to go the long way.
  void watch_clock() {
    if (limit_->load(relaxed) <= k_last_mark) limit_->store(k_goes_long_ways, relaxed);
  }
  // Ends its sleep. From any thread; a worker says who it is, for a thief that comes soon.
  void wake(const Worker* waker = nullptr);
  bool is_asleep() const { return is_sleep(sleeping_.load(relaxed)); }
  // Unparks those whose time has come or whose descriptor is ready. Were there any? Any thread, so that
  // a worker that is held up doesn't hold up those who wait.
  bool poll();
  bool has_something() const;

  // Is that the one that runs on this lone worker?
  bool runs(const Coroutine& coroutine) const { return *current_ == &coroutine; }

  // How many have begun and ended here; but the deque of parents counts the children that begin before them, and those
  // of these that end so, too.
  void count_spawned() { spawned_.store(spawned_.load(relaxed) + 1, relaxed); }
  void count_ended() { ended_.store(ended_.load(relaxed) + 1, release); }
  uint64_t spawned() const { return spawned_.load(relaxed) + continuations_.children(); }
  // The difference between all that have begun and all that have ended is that between the sums, over all workers, of
  // these two. Who counts an end sees its beginning, too.
  uint32_t begun_elsewise() const {
    return static_cast<uint32_t>(spawned_.load(relaxed)) + continuations_.children_not_ended();
  }
  uint32_t ended_elsewise() const { return static_cast<uint32_t>(ended_.load(acquire)); }
  uint64_t stolen() const { return stolen_.load(relaxed); }
  // Whom to signal: its thread's number while it lives, else 0.
  int32_t thread() const { return thread_.load(relaxed); }
  // For the monitor: has it been signalled in this turn before? Now it is.
  bool was_signalled(uint32_t turn) { return std::exchange(signalled_turn_, turn) == turn; }
  // Changes whenever it picks another coroutine.
  uint32_t turns() const {
    return turns_.load(relaxed) + static_cast<uint32_t>(ended_.load(relaxed)) +
           continuations_.moves();
  }
  // How many times it has run out of work.
  uint32_t searches() const { return searches_.load(relaxed); }

 private:
  // What is picked from the slot in a row before the queue has a turn; and how many turns there are
  // between two looks at the scheduler's queue and the timers.
  static constexpr uint32_t k_slot_in_a_row = 16;
  static constexpr uint32_t k_turns_between_looks = 61;
  static constexpr uint32_t k_turns_between_interrupted = 8;
  // How many children begin and end in a row while others wait for a turn.
  static constexpr uint32_t k_children_between_looks = 64;
  // What goes to the scheduler's queue when a worker's is full. A packed stack must have room for the list.
  static constexpr uint32_t k_shared_at_once = 16;
  // A search lasts some microseconds: a coroutine on another worker that answers at once is found. The longer it
  // finds nothing, the more pauses are between its rounds, since each look costs the others a cache line.
  static constexpr uint32_t k_rounds_of_search = 40;
  static constexpr uint32_t k_rounds_of_a_pause = 8;
  static constexpr uint32_t k_looks_at_one_parent = 32;
  static constexpr uint32_t k_looks_before_yield = 64;
  static constexpr uint32_t k_shuffled = 8;
  // So long a worker is given to run what it has woken last, before that is taken from it.
  static constexpr uint32_t k_pauses_for_newest = 8;
  // Who waits in place looks at its mark so many times for each look at what others have, and at the time.
  static constexpr uint32_t k_looks_of_a_round = 4;
  // Values of sleeping_. The others are a this_turn(): it is awake, since that worker woke it in that turn.
  static constexpr uint32_t k_awake = 0;
  static constexpr uint32_t k_on_futex = 1;
  static constexpr uint32_t k_in_poll = 2;
  static constexpr bool is_sleep(uint32_t value) { return (value & 3) != 0; }

  // Who goes on when `me` leaves.
  Coroutine& successor(Coroutine& me);
  bool leaves_its_place(Coroutine& me);
  void wait_for_mark(const Coroutine& me);
  bool may_wait_in_place() const;
  bool sees_work_elsewhere();
  Coroutine& leave_ring(Coroutine& me);
  void shuffle(Coroutine& me);
  bool wants_long_yields() const;
  Coroutine* pick();
  // So many children have begun, and most of them gone back to their parents without a pick, that it is time.
  void look_at_next_pick() {
    const uint32_t turns = turns_.load(relaxed);
    turns_.store(turns + k_turns_between_looks - 1 - turns % k_turns_between_looks, relaxed);
  }
  Coroutine* pick_slot();
  Coroutine* search();
  Coroutine* steal_from(Worker& victim);
  Coroutine* steal_parent_of(Worker& victim);
  bool neglects_newest(const Worker& other);
  void hand_on_to_waker() const;
  void hand_on_to_woken() const;
  void fetch_from_waker() const;
  Coroutine* steal_from_waker();
  // Among all workers'. (Of its own turns the last eight million.)
  uint32_t this_turn() const { return turns() << 9 | (number_ + 1) << 2; }
  static unsigned number_in(uint32_t turn) { return (turn >> 2 & 127) - 1; }
  Coroutine* steal_newest_of(Worker& victim);
  void push_or_share(Coroutine& coroutine);

  void note_turn(const Coroutine& next) { tracer_.note(Traced::coroutine_runs, next, 0, number_); }
  void note_stolen(const Coroutine& stolen, const Worker& from) {
    tracer_.note(Traced::coroutine_is_stolen, stolen, 0, from.number_);
  }
  void note_theft(const Coroutine& first, const Worker& from) {
    note_stolen(first, from);
    stolen_.store(stolen_.load(relaxed) + 1, relaxed);
  }
  static Frame& furnish_at_once(Coroutine& child, void* top, const Kind& kind, StackSize stack,
                                uint32_t place);
  Coroutine& make_ready(Coroutine& next);
  void go_on(Coroutine& me, Coroutine& next);
  Coroutine* take_at_hand(StackSize stack, void*& top);
  void* take_stack(StackSize size);
  void furnish(Coroutine& coroutine);
  bool settle(Coroutine& me, const Kind& kind);
  void run_task(Coroutine& task);
  void take_out_ended(Coroutine& me, Coroutine& next);

  void live_alone();
  void live_among_others();
  bool empty_inbox();
  void sleep_alone();
  void sleep_until(Instant deadline);  // in line: worker_sleep.hh
  void sleep_alone_until(Instant deadline);
  void sleep_in_poll(Instant deadline);
  bool sleep_among_others(bool& searching);
  void go_on_from_base(Coroutine& next, bool& searching);
  void expire_timers_of_all();
  bool rest();
  bool nothing_here() const;
  bool has_something_to_poll() const {
    return timers_.first_deadline() != k_never || reactor_.waiting() > 0;
  }
  void begin_sleep();
  bool base_has_its_turn();

  // The rare part of leave_parent(): it keeps the registers that a call usually loses.
  WEFT_KEEPS_REGISTERS void look_after_push(Coroutine& parent, Coroutine& child);

  Scheduler& scheduler_;
  const Atomic<uint64_t>& idle_;  // the scheduler's: which workers sleep
  Atomic<uint32_t>& sleeping_;    // the scheduler's, too, and a futex: how this one does
  const unsigned number_;
  // It shares, and there are light fences, no time slices (so nobody asks for sections that are not interrupted), and
  // nobody listens to a trace.
  bool begins_before_parents_ = false;
  Atomic<uintptr_t>* limit_ = nullptr;
  Coroutine** current_ = nullptr;  // its thread's weft_coro_current
  Coroutine base_;
  Coroutine* task_ = nullptr;    // what the base is to resume
  bool wakes_sleepers_ = false;  // the last one whose wait was ended here woke a worker
  // Who has gone to wait last, and for what. Only for hints: either may be gone by now.
  const Coroutine* left_last_ = nullptr;
  const void* left_for_ = nullptr;
  BlockCache blocks_;
  StackCache stacks_;
  TimerQueue timers_;
  Reactor reactor_;
  Tracer tracer_;
  int32_t wake_descriptor_ = -1;   // an eventfd, for the sleep in poll()
  Atomic<uint32_t> seen_turn_{0};  // in which this thief let somebody's newest be: a this_turn()
  uint32_t slot_in_a_row_ = 0;
  uint32_t random_;
  struct Sight {
    uint32_t turn = 0;
    uint32_t looks = 0;  // in that turn
  };
  Sight sights_[Watch::k_most_workers];  // of others, each with one parent that waits there
  uint32_t woken_in_place_ = 0;          // by what has run here since it last had nothing to do
  bool expects_answer_ = false;        // who is woken next had better run here: see wake_in_place()
  const Coroutine* called_ = nullptr;  // whom it has called here for that
  Atomic<uint32_t> turns_{0};
  Atomic<uint32_t> searches_{0};
  Atomic<uint64_t> spawned_{0};
  Atomic<uint64_t> ended_{0};
  Atomic<uint64_t> stolen_{0};

  Atomic<int32_t> thread_{0};
  uint32_t signalled_turn_ = ~uint32_t{0};

  Chain interrupted_;  // whose slices are over
  LifoQueue continuations_;
  FifoQueue queue_;
  Atomic<Coroutine*> newest_{nullptr};
  Atomic<Coroutine*> inbox_{nullptr};  // a lone worker's: from other threads, the newest first
};

// What the listing, or the end, looks at. (Who had the stack before has left no locals; and its `stopped_at`, if there is
// one, is renewed when this one stops.)
[[gnu::always_inline]] inline Frame& Worker::furnish_at_once(Coroutine& child, void* top,
                                                             const Kind& kind, StackSize stack,
                                                             uint32_t place) {
  Frame& frame = frame_below(top);
  frame.kind = &kind;
  child.renew(static_cast<uint8_t>(stack), place);
  child.frame = &frame;
  // The listing looks at the frame from here on.
  child.context.resume_at.store(k_running, release);
  return frame;
}

// A block and a stack, if both are at hand; else null. Neither is counted: a stack is mostly put back here the same way.
// (What is at hand is counted anew when there is too much.)
[[gnu::always_inline]] inline Coroutine* Worker::take_at_hand(StackSize stack, void*& top) {
  Coroutine* const block = blocks_.take_at_hand();
  if (block == nullptr) [[unlikely]]
    return nullptr;
  top = stacks_.take_at_hand(stack);
  if (top != nullptr) [[likely]]
    return block;
  blocks_.keep(*block);
  return nullptr;
}

[[gnu::always_inline]] inline Coroutine* Worker::begin_at_once(const Kind& kind,
                                                               void (*function)(Coroutine&, void*),
                                                               void* closure, StackSize stack,
                                                               uint32_t place) {
  void* top = nullptr;
  Coroutine* const child = take_at_hand(stack, top);
  if (child == nullptr) [[unlikely]]
    return nullptr;
  Frame& frame = furnish_at_once(*child, top, kind, stack, place);
  count_spawned();
  Coroutine& me = running();
  insert_before(me, *child);
  set_running(*child);
  switch_to_new(me, *child, frame, this, function, closure);
  return child;
}

[[gnu::always_inline]] inline void Worker::leave_parent(Coroutine& parent, Coroutine& child) {
  if (!continuations_.push_early(parent)) [[unlikely]]
    look_after_push(parent, child);
}

// Its registers are saved when `me` is left, so that a thief has nothing to wait for.
[[gnu::always_inline]] inline Coroutine* Worker::begin_before_parent(
    const Kind& kind, void (*function)(Coroutine&, void*, Coroutine&, Worker&), void* closure,
    StackSize stack, uint32_t place) {
  Coroutine& me = running();
  DEBUG_ASSERT(&me != &base_, "a base begins none that runs at once");
  void* top = nullptr;
  Coroutine* const child = take_at_hand(stack, top);
  if (child == nullptr) [[unlikely]]
    return nullptr;
  blocks_.count_taken(*child);
  Frame& frame = furnish_at_once(*child, top, kind, stack, place);
  child->next = &me;
  set_running(*child);
  Coroutine& me_again = switch_to_child(me, *child, frame, this, function, closure);
  me_again.context.resume_at.store(k_running, relaxed);
  return child;
}

}  // namespace weft::coro
