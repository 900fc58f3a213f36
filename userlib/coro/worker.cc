#include "userlib/coro/worker.hh"

#include "core/abi/poll.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/list.hh"
#include "userlib/coro/overflow.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/sanitizers.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/ticks.hh"
#include "userlib/coro/worker_sleep.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/spin.hh"
#include "userlib/syscalls.hh"

extern "C" void weft_coro_begin();

namespace weft::coro {
Worker::Worker(Scheduler& scheduler, unsigned number)
    : scheduler_(scheduler),
      idle_(scheduler.idle()),
      sleeping_(scheduler.sleep_of(number)),
      number_(number),
      random_(static_cast<uint32_t>(scheduler.options().seed) * 2654435761u + number) {}

Worker::~Worker() {
  if (wake_descriptor_ >= 0) (void)sys::close(wake_descriptor_);
}

Worker& Worker::for_timers() {
  Worker* worker = this_worker();
  return worker != nullptr ? *worker : Scheduler::running()->first_worker();
}

// ---- From one to another -------------------------------------------------------------------------------

// What to switch to, for `next` to go on.
[[gnu::always_inline]] Coroutine& Worker::make_ready(Coroutine& next) {
  note_turn(next);
  uintptr_t mark = next.context.resume_at.load(acquire);
  // It was picked between its last words on another worker and the end of its switch there: some instructions,
  // unless that worker has lost its CPU, maybe to this one, whom it has just woken.
  for (uint32_t looks = 1; stands_on_stack(mark); ++looks) {
    sys::relax();
    if (looks % k_looks_before_yield == 0) (void)sys::sched_yield();
    mark = next.context.resume_at.load(acquire);
  }
  if (mark > k_last_mark) [[likely]]
    return next;
  if (mark == k_not_started) {
    furnish(next);
    return next;
  }
  ASSERT(mark == k_stackless, "what is runnable is a task, or has a stack that it has left");
  task_ = &next;  // the base runs what has no stack of its own
  return base_;
}

[[gnu::always_inline]] void Worker::go_on(Coroutine& me, Coroutine& next) {
  Coroutine& to = make_ready(next);
  if (&to == &me) return;
  set_running(to);
  switch_to(me, to);
  me.context.resume_at.store(k_running, relaxed);
}

void* Worker::take_stack(StackSize size) {
  const Result<void*> top = stacks_.take(size);
  ASSERT(top.has_value(), "there is memory for the stack of every coroutine that has begun");
  return *top;
}

// Gives a new coroutine a stack, so that it can be switched to.
void Worker::furnish(Coroutine& coroutine) {
  Frame& frame = put_frame(take_stack(static_cast<StackSize>(coroutine.stack_class)), coroutine);
  sanitizer::new_frame(frame);
  coroutine.context.stack_pointer = reinterpret_cast<uintptr_t>(&frame);
  coroutine.context.frame_pointer = 0;
  coroutine.context.resume_at.store(reinterpret_cast<uintptr_t>(&weft_coro_begin), relaxed);
}

Coroutine& Worker::successor(Coroutine& me) {
  if (exclusive()) return leave_ring(me);
  Coroutine* next = pick();
  if (called_ != nullptr) [[unlikely]]
    expects_answer_ = std::exchange(called_, nullptr) == next;
  return next != nullptr ? *next : base_;
}

[[gnu::always_inline]] void Worker::switch_away(Coroutine& me, const void* object) {
  tracer_.note_park(me, object);
  if (detail::times_are_kept.load(relaxed)) [[unlikely]]
    me.frame->stopped_at = ticks_now();
  if (exclusive()) {
    Coroutine& next = leave_ring(me);
    me.object = object;
    return go_on(me, next);
  }
  me.object = object;
  if (leaves_its_place(me)) {
    left_last_ = &me;
    left_for_ = object;
    go_on(me, successor(me));
  }
  me.next = &me;
}

Wake Worker::wait_until_woken(Coroutine& me, const void* object) {
  const sys::Uninterrupted section;
  switch_away(me, object);
  return end_wait(me);
}

void Worker::yield(Coroutine& me) {
  if (me.context.resume_at.load(relaxed) == k_stackless) return;
  if (exclusive()) {
    if (limit_->load(relaxed) > k_last_mark && base_has_its_turn()) {
      insert_before(*me.next, base_);
      go_on(me, base_);
    } else if (me.next != &me) {
      shuffle(me);
      go_on(me, *me.next);
    }
    return;
  }
  if (nothing_here()) {
    if (!base_has_its_turn() || !(has_something_to_poll() || scheduler_.has_surplus())) return;
    push_or_share(me);
    go_on(me, base_);
    me.next = &me;
    return;
  }
  push_or_share(me);
  Coroutine* next = pick();
  if (next != &me) go_on(me, next != nullptr ? *next : base_);
  me.next = &me;
}

// Not where others can take it: it may hold the address of something that is its thread's.
void Worker::give_way(Coroutine& me) {
  turns_.store(turns_.load(relaxed) + 1, relaxed);
  if (nothing_here() && !has_something_to_poll()) return;
  interrupted_.append(me);
  Coroutine* next = pick();
  if (next != &me) go_on(me, next != nullptr ? *next : base_);
}

void Worker::run_child(Coroutine& me, Coroutine& child) {
  if (exclusive()) {
    insert_before(me, child);
    return go_on(me, child);
  }
  continuations_.push(me);
  if (!continuations_.keeps_pushed()) {
    me.next = &me;
    push_or_share(me);
  }
  scheduler_.notify();
  go_on(me, child);
}

// Is there room for more parents? Does anybody else wait for a turn here, who would have none as long as each child goes
// back to its parent? Does a worker sleep that could take one? (Who goes to sleep says so, and then asks.)
void Worker::look_after_push(Coroutine& parent, Coroutine& child) {
  const bool has_room = continuations_.keeps_pushed();
  if (!has_room) {
    parent.next = &parent;
    push_or_share(parent);
  }
  const bool is_time = continuations_.is_time();
  if (is_time) {
    if (newest_.load(relaxed) == nullptr) look_at_next_pick();
    const bool others_wait = has_something_to_poll() || !queue_.empty();
    continuations_.look_again_after(others_wait ? k_children_between_looks
                                                : LifoQueue::k_most_between_looks);
  }
  if (is_time || !has_room) child.next = &child;  // it picks at its end
  scheduler_.notify();
  continuations_.has_looked([&] { return idle_.load(seq_cst) != 0; });
}

void detail::launch_slowly(Worker& worker, Coroutine& coroutine, Launch how) {
  const sys::Uninterrupted section;
  coroutine.next = &coroutine;
  Coroutine& me = running();
  worker.tracer().note_start(coroutine, me, coroutine.kind->name);
  const bool on_base = &me == &worker.base() || me.context.resume_at.load(relaxed) == k_stackless;
  if (how == Launch::now && !on_base) {
    worker.run_child(me, coroutine);
  } else {
    worker.make_runnable(coroutine);
  }
}

void Worker::make_runnable(Coroutine& coroutine) {
  if (exclusive()) return insert_before(running(), coroutine);
  push_or_share(coroutine);
  scheduler_.notify();
}

void Worker::make_next(Coroutine& coroutine) {
  if (exclusive()) return insert_before(running(), coroutine);
  if (Coroutine* older = newest_.exchange(&coroutine, acq_rel)) push_or_share(*older);
  const bool has_woken = scheduler_.notify();
  if (wakes_sleepers_ != has_woken) wakes_sleepers_ = has_woken;
}

// ---- The base ------------------------------------------------------------------------------------------

void Worker::live(void (*begin)(void*), void* argument) {
  become_worker(*this, scheduler_.is_lone());
  limit_ = &own_limit();
  current_ = &own_current();
  set_running(base_);
  weft_uninterrupted = 1;  // and so in all that runs on the base
  thread_.store(sys::gettid().value_or(0), relaxed);
  sanitizer::register_base(base_);
  tracer_.start();
  begins_before_parents_ =
      !exclusive() && sys::has_light_fences() && !scheduler_.has_slices() && !tracer_.is_on();
  if (begins_before_parents_) limit_->store(k_begins_before_parents, relaxed);
  const OverflowGuard overflow_guard;
  if (exclusive()) base_.next = base_.previous = &base_;
  if (begin != nullptr) begin(argument);
  if (exclusive()) {
    live_alone();
  } else {
    live_among_others();
  }
  tracer_.flush();
  thread_.store(0, relaxed);
  weft_uninterrupted = 0;
  become_plain_thread();
}

// A task that stops has set itself aside: the base is the running one again, on the same stack.
void Worker::run_task(Coroutine& task) {
  limit_->store(k_goes_long_ways, relaxed);  // a task has no stack to switch from
  set_running(task);
  std::coroutine_handle<>::from_address(reinterpret_cast<void*>(task.context.stack_pointer))
      .resume();
  if (begins_before_parents_) limit_->store(k_begins_before_parents, relaxed);
  ASSERT(&running() == &base_, "a task that stops has suspended");
}

void Worker::set_task_aside(Coroutine& task) {
  if (exclusive()) {
    insert_before(task, base_);
    unlink(task);
  }
  set_running(base_);
}

bool Worker::poll() {
  const bool due = timers_.first_deadline() != k_never && timers_.expire(now()) > 0;
  return reactor_.poll() > 0 || due;
}

void Worker::wake(const Worker* waker) {
  const uint32_t awake = waker != nullptr ? waker->this_turn() : k_awake;
  const uint32_t slept = sleeping_.exchange(awake, seq_cst);
  sys::hand_on(&sleeping_);
  if (waker != nullptr) waker->hand_on_to_woken();
  switch (slept) {
    case k_on_futex: return futex::wake_one(sleeping_);
    case k_in_poll: {
      const uint64_t one = 1;
      (void)sys::write(wake_descriptor_, &one, sizeof one);
    }
  }
}

// Says how it will sleep. After that it looks once more for something to do, and then sleeps until a
// wake(), the deadline, or an event for one of its own. Nobody else adds to those meanwhile.
void Worker::begin_sleep() {
  const bool has_waiting = reactor_.waiting() > 0;
  if (has_waiting && wake_descriptor_ < 0)
    wake_descriptor_ = sys::eventfd2(0, abi::k_efd_cloexec | abi::k_efd_nonblock).value_or(-1);
  sleeping_.store(has_waiting && wake_descriptor_ >= 0 ? k_in_poll : k_on_futex, seq_cst);
}

// By a call: a lone worker is not in a hurry, and its file stays clear of what a sleep needs.
void Worker::sleep_alone_until(Instant deadline) { sleep_until(deadline); }

void Worker::sleep_in_poll(Instant deadline) {
  const Instant present = deadline == k_never ? 0 : now();
  const Nanoseconds left = deadline > present ? deadline - present : 0;
  abi::Timespec most{static_cast<int64_t>(left / k_second), static_cast<int64_t>(left % k_second)};
  abi::PollEntry watched[] = {{wake_descriptor_, abi::k_pollin, 0},
                              {reactor_.descriptor(), abi::k_pollin, 0}};
  (void)sys::ppoll(watched, 2, deadline == k_never ? nullptr : &most, nullptr);
  uint64_t wakes;
  (void)sys::read(wake_descriptor_, &wakes, sizeof wakes);
}

}  // namespace weft::coro
