// A lone worker: its ring, and what its base does.
#include <utility>

#include "userlib/coro/list.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/worker.hh"

namespace weft::coro {

// In the deterministic mode chance has a say, but the seed knows what it will say: one of the next few
// is put behind `me`.
void Worker::shuffle(Coroutine& me) {
  if (scheduler_.options().mode != Mode::deterministic) return;
  random_ = random_ * 1664525 + 1013904223;
  Coroutine* chosen = me.next;
  for (uint32_t steps = (random_ >> 16) % k_shuffled; steps > 0; --steps) chosen = chosen->next;
  if (chosen == &me || chosen == me.next) return;
  unlink(*chosen);
  insert_before(*me.next, *chosen);
}

// Takes `me` out; who comes after it. If nobody does, the base is the ring.
Coroutine& Worker::leave_ring(Coroutine& me) {
  shuffle(me);
  // lab:coroutine begin 4
  Coroutine& next = *me.next;
  if (&next != &me) {
    unlink(me);
    return next;
  }
  base_.next = base_.previous = &base_;
  return base_;
  // lab:coroutine stub: panic("not implemented: lab coroutine, part 4");
  // lab:coroutine end
}

bool Worker::wants_long_yields() const {
  return has_something_to_poll() || tracer_.is_on() || detail::times_are_kept.load(relaxed) ||
         scheduler_.options().mode == Mode::deterministic;
}

// While there are timers, every yield goes the long way, and the base looks at them now and then.
bool Worker::base_has_its_turn() {
  const uint32_t turns = turns_.load(relaxed) + 1;
  turns_.store(turns, relaxed);
  return turns % k_turns_between_looks == 0 || inbox_.load(relaxed) != nullptr;
}

void Worker::live_alone() {
  for (;;) {
    limit_->store(wants_long_yields() ? k_goes_long_ways : k_last_mark, relaxed);
    scheduler_.tick();
    const bool posted = inbox_.load(acquire) != nullptr && empty_inbox();
    const bool due = poll();
    Coroutine* next = base_.next;
    if (next != &base_) {
      unlink(base_);
      task_ = nullptr;
      go_on(base_, *next);
      if (task_ != nullptr) run_task(*task_);
    } else if (!posted && !due) {
      if (scheduler_.alive() == 0) return;
      sleep_alone();
    }
  }
}

// Where the inbox links a coroutine. One that is posted may not have stopped yet, and then is still in
// the ring, which has its `next`; only a task has left the ring before anybody knows that it waits.
static Coroutine*& inbox_link(Coroutine& coroutine) {
  if (coroutine.context.resume_at.load(relaxed) == k_stackless) return coroutine.next;
  return coroutine.frame->next_in_inbox;
}

// The inbox is a stack; who empties it turns it round, so that the first to come is the first to go.
void Worker::post(Coroutine& coroutine) {
  Coroutine* first = inbox_.load(relaxed);
  do {
    inbox_link(coroutine) = first;
  } while (!inbox_.compare_exchange(first, &coroutine, acq_rel));
  limit_->store(k_goes_long_ways, relaxed);
  fence(seq_cst);
  wake();
}

bool Worker::empty_inbox() {
  // lab:coroutine begin 4
  Coroutine* coroutine = inbox_.exchange(nullptr, acquire);
  Coroutine* turned = nullptr;
  while (coroutine != nullptr) {
    Coroutine* next = std::exchange(inbox_link(*coroutine), turned);
    turned = std::exchange(coroutine, next);
  }
  while (turned != nullptr) make_runnable(*std::exchange(turned, inbox_link(*turned)));
  return true;
  // lab:coroutine stub: panic("not implemented: lab coroutine, part 4");
  // lab:coroutine end
}

// Either who posts sees that the worker sleeps, or the worker sees the post.
void Worker::sleep_alone() {
  begin_sleep();
  if (inbox_.load(seq_cst) != nullptr) {
    sleeping_.store(k_awake, relaxed);
    return;
  }
  const Instant deadline = timers_.first_deadline();
  if (reactor_.waiting() == 0 && scheduler_.skip_to(deadline)) {
    sleeping_.store(k_awake, relaxed);
  } else {
    scheduler_.look_for_deadlock();
    sleep_alone_until(deadline);
  }
}

}  // namespace weft::coro
