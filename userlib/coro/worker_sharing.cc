// A worker among others: what it picks, where it searches, and how it sleeps.
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/worker.hh"
#include "userlib/coro/worker_sleep.hh"
#include "userlib/sys/asymmetric.hh"
#include "userlib/sys/spin.hh"

namespace weft::coro {

bool Worker::nothing_here() const {
  return newest_.load(relaxed) == nullptr && interrupted_.count == 0 && continuations_.empty() &&
         queue_.empty() && scheduler_.shared_queue_empty();
}

// Into the queue. When that is full, those who have waited there longest go to where all can have them.
void Worker::push_or_share(Coroutine& coroutine) {
  while (!queue_.push(coroutine)) {
    Chain chain;
    queue_.take_half<k_shared_at_once>([&](Coroutine& each) { chain.append(each); });
    if (chain.count > 0) scheduler_.share(chain);
  }
}

// What was woken last is next, since it is warm, and often the other half of a conversation. But two
// that wake each other must not keep out the rest.
Coroutine* Worker::pick_slot() {
  if (newest_.load(relaxed) == nullptr) {
    slot_in_a_row_ = 0;
    return nullptr;
  }
  Coroutine* newest = newest_.exchange(nullptr, acq_rel);
  if (newest == nullptr || ++slot_in_a_row_ <= k_slot_in_a_row) return newest;
  slot_in_a_row_ = 0;
  push_or_share(*newest);
  return nullptr;
}

// The next to run from this worker's own; the base when it is time to look elsewhere, null when there is
// nothing.
Coroutine* Worker::pick() {
  const uint32_t turns = turns_.load(relaxed) + 1;
  turns_.store(turns, relaxed);
  const uint32_t since_look = turns % k_turns_between_looks;
  if (since_look == 0 &&
      (has_something_to_poll() || !scheduler_.shared_queue_empty() || scheduler_.has_surplus()))
    return &base_;
  if (turns % k_turns_between_interrupted == 0 && interrupted_.count > 0)
    return interrupted_.take();
  // With a look, or right after it, who waits fairly goes first: others could go on among themselves for ever.
  if (since_look <= 1 && turns > 1) {
    if (Coroutine* next = queue_.pop()) return next;
  }
  if (Coroutine* next = pick_slot()) return next;
  if (Coroutine* next = continuations_.pop()) return next;
  if (Coroutine* next = queue_.pop()) return next;
  return interrupted_.take();
}

void Worker::live_among_others() {
  scheduler_.begin_search();
  bool searching = true;
  for (;;) {
    poll();
    if (!searching && scheduler_.has_surplus() && interrupted_.count == 0 && !rest()) return;
    Coroutine* next = scheduler_.take_shared(*this);
    if (next == nullptr) next = pick();
    if (next == &base_) continue;
    if (next == nullptr && (searching || scheduler_.try_begin_search())) {
      searching = true;
      next = search();
    }
    if (next != nullptr) {
      go_on_from_base(*next, searching);
      continue;
    }
    if (std::exchange(searching, false)) scheduler_.stop_search();
    // A glance before, since the sleep's last look disturbs the others.
    if (scheduler_.something_waits()) {
      sys::relax();
      continue;
    }
    if (!sleep_among_others(searching)) return;
    // What it was woken for goes first, since it is on its way here already, and somebody waits for that. Unless timers
    // of its own may be due: the others' have a worker each, too.
    const bool has_timers = timers_.first_deadline() != k_never;
    Coroutine* woken_for = searching && !has_timers ? steal_from_waker() : nullptr;
    if (woken_for != nullptr) go_on_from_base(*woken_for, searching);
    expire_timers_of_all();
  }
}

void Worker::go_on_from_base(Coroutine& next, bool& searching) {
  if (std::exchange(searching, false)) scheduler_.end_search();
  task_ = nullptr;
  go_on(base_, next);
  if (task_ != nullptr) run_task(*task_);
}

// More work than are wanted: this one leaves all it has to the others, and sleeps until a worker is
// missing, or somebody waits no longer for its timers and descriptors. False when all is over.
bool Worker::rest() {
  Chain all;
  if (Coroutine* newest = newest_.exchange(nullptr, acq_rel)) all.append(*newest);
  while (Coroutine* each = continuations_.pop()) all.append(*each);
  while (Coroutine* each = queue_.pop()) all.append(*each);
  if (all.count > 0) scheduler_.share(all);
  begin_sleep();
  if (scheduler_.try_mark_resting(*this)) {
    // Whatever this worker would have found, who made it runnable may have relied on it to look.
    scheduler_.notify();
    if (scheduler_.all_idle() && scheduler_.alive() == 0) scheduler_.stop();
    scheduler_.look_for_deadlock();
    if (!scheduler_.stopping()) sleep_until(timers_.first_deadline());
    scheduler_.unmark_resting(*this);
  }
  sleeping_.store(k_awake, relaxed);
  scheduler_.wake_monitor();
  return !scheduler_.stopping();
}

// Some rounds over the others, from a place that chance chooses. One is enough when nobody is at work who could
// make more of it meanwhile, or when that one needs this CPU.
Coroutine* Worker::search() {
  searches_.store(searches_.load(relaxed) + 1, relaxed);
  // lab:m-to-n begin 4
  const unsigned count = scheduler_.worker_count();
  for (uint32_t round = 0; round < k_rounds_of_search; ++round) {
    random_ = random_ * 1664525 + 1013904223;
    const unsigned start = (random_ >> 8) % count;
    for (unsigned i = 0; i < count; ++i) {
      Worker& victim = scheduler_.worker((start + i) % count);
      if (&victim == this) continue;
      if (Coroutine* stolen = steal_from(victim)) return stolen;
    }
    if (Coroutine* next = scheduler_.take_shared(*this)) return next;
    if (!scheduler_.others_work_beside(*this)) return nullptr;
    sys::linger(round / k_rounds_of_a_pause + 1);
  }
  return nullptr;
  // lab:m-to-n stub: return nullptr;  // not implemented: lab m-to-n, part 4
  // lab:m-to-n end
}

// The oldest of the parents that wait there. A single one is, most often, back with its worker before a thief
// could have it: the thief's fence takes microseconds, and disturbs the worker. So such a one must have been there as
// long, beside the same child. (With one CPU its worker doesn't run now, and neither is so.)
Coroutine* Worker::steal_parent_of(Worker& victim) {
  const int64_t count = victim.continuations_.count();
  if (count <= 0) return nullptr;
  if (count == 1 && sys::has_other_cpus()) {
    Sight& sight = sights_[victim.number()];
    const uint32_t turn = victim.turns();
    if (sight.turn != turn) sight = {turn, 0};
    if (++sight.looks < k_looks_at_one_parent) return nullptr;
  }
  Coroutine* const stolen = victim.continuations_.steal();
  if (stolen != nullptr) stolen->next = stolen;  // its own parent was left elsewhere
  return stolen;
}

// What a worker woke last is about to run there, and most often is the other half of a conversation, which
// goes faster where it is. So it is stolen only from a worker that is in the same turn at two looks, with a while
// between. Who is woken from its sleep for that has the first look from its waker, and has taken a while to come.
bool Worker::neglects_newest(const Worker& other) {
  if (other.newest_.load(relaxed) == nullptr) return false;
  const bool is_same = seen_turn_.load(relaxed) == other.this_turn();
  seen_turn_.store(other.this_turn(), relaxed);
  if (!is_same) sys::linger(k_pauses_for_newest);
  return is_same;
}

Coroutine* Worker::steal_newest_of(Worker& victim) {
  return neglects_newest(victim) ? victim.newest_.exchange(nullptr, acq_rel) : nullptr;
}

Coroutine* Worker::steal_from(Worker& victim) {
  // lab:m-to-n begin 4
  Coroutine* first = steal_parent_of(victim);
  if (first == nullptr) {
    victim.queue_.take_half<FifoQueue::k_room / 2>([&](Coroutine& each) {
      if (first == nullptr) {
        first = &each;
      } else {
        note_stolen(each, victim);
        push_or_share(each);
      }
    });
  }
  if (first == nullptr) first = steal_newest_of(victim);
  if (first != nullptr) note_theft(*first, victim);
  return first;
  // lab:m-to-n stub: static_cast<void>(victim);
  // lab:m-to-n stub: return nullptr;  // not implemented: lab m-to-n, part 4
  // lab:m-to-n end
}

// Who is woken wants what it is woken for.
void Worker::hand_on_to_woken() const {
  sys::hand_on(newest_.load(relaxed));
  sys::hand_on(&newest_);
}

// Who has woken it; or, if that was no worker, the last one that did. First what that one woke last, since most often
// that is what it is about.
Coroutine* Worker::steal_from_waker() {
  const uint32_t turn = seen_turn_.load(relaxed);
  if (turn == 0) return nullptr;
  Worker& waker = scheduler_.worker(number_in(turn));
  Coroutine* const newest = steal_newest_of(waker);
  if (newest == nullptr) return steal_from(waker);
  note_theft(*newest, waker);
  return newest;
}

bool Worker::has_something() const {
  return newest_.load(seq_cst) != nullptr || !continuations_.empty() || !queue_.empty();
}

// False when all is over. `searching` is set when somebody woke it to search.
[[gnu::always_inline]] bool Worker::sleep_among_others(bool& searching) {
  // lab:m-to-n begin 3
  begin_sleep();
  scheduler_.mark_idle(*this);
  // Who makes something runnable looks for idle workers after that; this looks after it has said that
  // it is idle. One of the two sees the other: that takes a fence between, and this one's is the heavy half.
  sys::heavy_fence();
  Instant deadline = k_never;
  bool look_again = false;
  for (unsigned i = 0; i < scheduler_.worker_count(); ++i) {
    Worker& each = scheduler_.worker(i);
    look_again = look_again || each.has_something();
    if (each.timers_.first_deadline() < deadline) deadline = each.timers_.first_deadline();
  }
  look_again = look_again || !scheduler_.shared_queue_empty();
  if (!look_again) {
    if (scheduler_.all_idle() && scheduler_.alive() == 0) scheduler_.stop();
    scheduler_.look_for_deadlock();
    if (!scheduler_.stopping()) sleep_until(deadline);
  } else {
    sys::relax();  // there may be as many at it already as may search
  }
  sleeping_.store(k_awake, relaxed);
  // Who takes the mark away has begun a search on this worker's behalf.
  searching = !scheduler_.unmark_idle(*this);
  // lab:m-to-n stub: static_cast<void>(searching);
  // lab:m-to-n stub: panic("not implemented: lab m-to-n, part 3");
  // lab:m-to-n end
  if (scheduler_.stopping()) return false;
  scheduler_.wake_monitor();
  return true;
}

// A sleep may have ended for any worker's timers.
void Worker::expire_timers_of_all() {
  for (unsigned i = 0; i < scheduler_.worker_count(); ++i) {
    TimerQueue& timers = scheduler_.worker(i).timers_;
    if (timers.first_deadline() != k_never) timers.expire(now());
  }
}

}  // namespace weft::coro
