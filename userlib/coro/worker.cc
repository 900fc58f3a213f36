#include "userlib/coro/worker.hh"

#include <new>

#include "userlib/coro/scheduler_state.hh"
#include "userlib/sys/futex.hh"

extern "C" {
void weft_coro_begin();
[[noreturn]] void weft_coro_leave(const weft::coro::Context& to);
[[noreturn]] void weft_coro_main(weft::coro::Coroutine* coroutine);
}

namespace weft::coro {
namespace {

Frame& put_frame(void* top, Coroutine& coroutine) {
  auto* frame = new (static_cast<char*>(top) - sizeof(Frame)) Frame{&coroutine, coroutine.kind, {}};
  auto** payload = static_cast<void**>(coroutine.payload());
  frame->closure[0] = payload[0];
  frame->closure[1] = payload[1];
  coroutine.frame = frame;
  return *frame;
}
void* top_of(Frame& frame) { return &frame + 1; }

}  // namespace

Worker::Worker(Scheduler& scheduler, unsigned number) : scheduler_(scheduler), number_(number) {}

Worker& Worker::for_timers() {
  Worker* worker = this_worker();
  return worker != nullptr ? *worker : Scheduler::running()->first_worker();
}

// What to switch to, for `next` in the ring to go on.
Coroutine& Worker::make_ready(Coroutine& next) {
  const uintptr_t mark = next.context.resume_at.load(relaxed);
  if (mark > k_last_mark) [[likely]]
    return next;
  if (mark == k_not_started) {
    furnish(next);
    return next;
  }
  insert_before(next, base_);  // the base runs what has no stack of its own
  return base_;
}

void Worker::go_on(Coroutine& me, Coroutine& next) {
  Coroutine& to = make_ready(next);
  set_running(to);
  switch_context(me.context, to.context);
}

void Worker::leave_for(Coroutine& next) {
  Coroutine& to = make_ready(next);
  set_running(to);
  weft_coro_leave(to.context);
}

void Worker::furnish(Coroutine& coroutine) {
  auto top = stacks_.take(static_cast<StackSize>(coroutine.stack_class));
  ASSERT(top.has_value(), "there is memory for the stack of every coroutine that has begun");
  Frame& frame = put_frame(*top, coroutine);
  coroutine.context.stack_pointer = reinterpret_cast<uintptr_t>(&frame);
  coroutine.context.frame_pointer = 0;
  coroutine.context.resume_at.store(reinterpret_cast<uintptr_t>(&weft_coro_begin), relaxed);
}

void Worker::switch_away(Coroutine& me, const void* object) {
  Coroutine* next = me.next;
  if (next == &me) {
    base_.next = base_.previous = &base_;
    next = &base_;
  } else {
    unlink(me);
  }
  me.object = object;
  go_on(me, *next);
}

void Worker::yield(Coroutine& me) {
  if (me.context.resume_at.load(relaxed) == k_stackless) return;
  if (limit_->load(relaxed) > k_last_mark) {
    insert_before(*me.next, base_);  // its turn, before the others'
  } else if (me.next == &me) {
    return;
  }
  go_on(me, *me.next);
}

void Worker::make_runnable(Coroutine& coroutine) { insert_before(running(), coroutine); }

void Worker::run_child(Coroutine& me, Coroutine& child) {
  insert_before(me, child);
  go_on(me, child);
}

Coroutine* Worker::end(Coroutine& me) {
  ++ended;
  Coroutine* next = me.next;
  if (next == &me) {
    base_.next = base_.previous = &base_;
    next = &base_;
  } else {
    unlink(me);
  }
  Frame& frame = *me.frame;
  const uint8_t size = me.stack_class;
  const Kind& kind = *frame.kind;
  Coroutine* joiner = me.joiner.load(relaxed);
  if (joiner == k_let_go) {
    kind.drop_result(me);
    me.context.resume_at.store(k_unused, relaxed);
    blocks_.give(me);
  } else {
    me.joiner.store(k_finished, relaxed);
    if (joiner != nullptr && claim(*joiner, Park::woken)) {
      set_running(*next);
      unpark(*joiner);
    }
  }
  if (next->context.resume_at.load(relaxed) == k_not_started && next->stack_class == size) {
    put_frame(top_of(frame), *next);
    set_running(*next);
    return next;
  }
  stacks_.give(static_cast<StackSize>(size), top_of(frame));
  leave_for(*next);
}

void Worker::live(void (*begin)(void*), void* argument) {
  weft_coro_worker = this;
  weft_coro_exclusive = scheduler_.is_lone();
  limit_ = &weft_coro_limit;
  limit_->store(k_last_mark, relaxed);
  base_.next = base_.previous = &base_;
  set_running(base_);
  if (begin != nullptr) begin(argument);
  for (;;) {
    limit_->store(k_last_mark, relaxed);
    poll();
    Coroutine* next = base_.next;
    if (next == &base_) {
      if (scheduler_.alive() == 0) break;
      sleep();
    } else if (next->context.resume_at.load(relaxed) == k_stackless) {
      run_task(*next);
    } else {
      unlink(base_);
      go_on(base_, *next);
    }
  }
  weft_coro_exclusive = false;
  weft_coro_worker = nullptr;
  limit_->store(~uintptr_t{0}, relaxed);
  weft_coro_current = &self();
}

// A stack of lone blocks; who empties it turns it round, so that the first to come is the first to go.
void Worker::make_runnable_from_afar(Coroutine& coroutine) {
  Coroutine* first = inbox_.load(relaxed);
  do {
    coroutine.next = first;
  } while (!inbox_.compare_exchange(first, &coroutine, acq_rel));
  ask();
  if (sleeping_.exchange(0, seq_cst) != 0) futex::wake_one(sleeping_);
}

bool Worker::empty_inbox() {
  Coroutine* coroutine = inbox_.exchange(nullptr, seq_cst);
  if (coroutine == nullptr) return false;
  Coroutine* turned = nullptr;
  while (coroutine != nullptr) {
    Coroutine* next = std::exchange(coroutine->next, turned);
    turned = std::exchange(coroutine, next);
  }
  while (turned != nullptr) make_runnable(*std::exchange(turned, turned->next));
  return true;
}

bool Worker::poll() {
  const bool posted = inbox_.load(relaxed) != nullptr && empty_inbox();
  const bool due = timers_.first_deadline() != k_never && timers_.expire(now()) > 0;
  return posted || due;
}

// Either who posts sees that the worker sleeps, or the worker sees the post.
void Worker::sleep() {
  sleeping_.store(1, seq_cst);
  if (inbox_.load(seq_cst) == nullptr) {
    const Instant deadline = timers_.first_deadline();
    if (deadline == k_never) {
      futex::wait(sleeping_, 1);
    } else {
      (void)futex::wait_until(sleeping_, 1, deadline);
    }
  }
  sleeping_.store(0, relaxed);
}

// ---- Tasks ---------------------------------------------------------------------------------------------

// The base takes the task's place in the ring as soon as the task suspends, on the same stack.
void Worker::run_task(Coroutine& task) {
  unlink(base_);
  set_running(task);
  std::coroutine_handle<>::from_address(reinterpret_cast<void*>(task.context.stack_pointer))
      .resume();
  ASSERT(&running() == &base_, "a task that stops has suspended");
}

void Worker::set_task_aside(Coroutine& task) {
  insert_before(task, base_);
  unlink(task);
  set_running(base_);
}

bool in_task() { return running().context.resume_at.load(relaxed) == k_stackless; }

void suspend_task(std::coroutine_handle<> resume_by, const void* object) {
  Coroutine& task = running();
  task.context.stack_pointer = reinterpret_cast<uintptr_t>(resume_by.address());
  this_worker()->set_task_aside(task);
  task.object = object;
}

Wake end_task_wait() {
  Coroutine& task = running();
  const Park how = task.park.load(acquire);
  task.park.store(Park::none, relaxed);
  task.reason = Reason::none;
  if (how == Park::woken) return Wake::woken;
  return how == Park::timed_out ? Wake::timed_out : Wake::cancelled;
}

void start_task(Coroutine& block, std::coroutine_handle<> begin_by) {
  block.context.resume_at.store(k_stackless, relaxed);
  block.context.stack_pointer = reinterpret_cast<uintptr_t>(begin_by.address());
  Worker& worker = *this_worker();
  ++worker.spawned;
  worker.make_runnable(block);
}

void yield_task(std::coroutine_handle<> resume_by) {
  Coroutine& task = running();
  task.context.stack_pointer = reinterpret_cast<uintptr_t>(resume_by.address());
  Worker& worker = *this_worker();
  worker.set_task_aside(task);
  worker.make_runnable(task);
}

void end_task() {
  Worker& worker = *this_worker();
  ++worker.ended;
  worker.set_task_aside(running());
}

}  // namespace weft::coro

void weft_coro_main(weft::coro::Coroutine* coroutine) {
  for (;;) {
    coroutine->frame->kind->run(*coroutine, coroutine->frame->closure);
    coroutine = weft::coro::this_worker()->end(*coroutine);
  }
}
