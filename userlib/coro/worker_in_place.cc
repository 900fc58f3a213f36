// Waiting in place: a coroutine whose worker has nothing else to do stays where it stands for some
// microseconds, with its registers where they are, and looks at its own block. Who wakes it there writes one
// word of that block, which it has at hand since it has just ended the wait in it; no queue, and nothing that
// workers share, is touched.
//
//     resume_at:   running ──> in place ──woken──────────────> running          it goes on at once
//                                 ├──given up──> running ──┐
//                                 └──called──────────────> called ──> an address     it leaves for the base
//
// Exactly one of the three ends it, by a compare-and-exchange. So nobody who has been woken is forgotten: who
// wakes it there needs no queue, and who gives up has not been woken there, and is waited for where it is queued.
#include "userlib/coro/park.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/worker.hh"
#include "userlib/sys/spin.hh"

namespace weft::coro {

bool Worker::may_wait_in_place() const {
  return nothing_here() && !has_something_to_poll() && !scheduler_.has_surplus() &&
         scheduler_.others_work_beside(*this);
}

// Like a search, but for what is to be had at once it takes nothing: whoever searches stands on the base, and
// not on a stack that may be a packed one.
bool Worker::sees_work_elsewhere() {
  if (!scheduler_.shared_queue_empty()) return true;
  for (unsigned i = 0; i < scheduler_.worker_count(); ++i) {
    Worker& other = scheduler_.worker(i);
    if (&other == this) continue;
    if (!other.continuations_.empty() || !other.queue_.empty() || neglects_newest(other))
      return true;
  }
  return false;
}

// Until somebody has changed its mark. False if nobody has: there is something else to do, or it is time to
// look further.
bool Worker::wait_for_mark(const Coroutine& me) {
  // Who ended the wait before the mark was there has not seen it, and counts on us to leave. Either it sees the
  // mark, or we its claim.
  if (!is_waiting(me.park.load(seq_cst))) return false;
  for (uint32_t round = 0; round < k_rounds_in_place; ++round) {
    for (uint32_t look = 0; look < k_looks_of_a_round; ++look) {
      if (me.context.resume_at.load(acquire) != k_in_place) return true;
      sys::relax();
    }
    if (sees_work_elsewhere()) return false;
  }
  return false;
}

// `me` waits, and nobody here is to run. True if it goes on; else it is to leave, wherever it goes on.
bool Worker::wait_in_place(Coroutine& me) {
  if (exclusive() || !may_wait_in_place()) return false;
  searches_.store(searches_.load(relaxed) + 1, relaxed);
  // To have woken just one, and then have nothing to do but wait, looks like a conversation.
  if (std::exchange(woken_in_place_, 0) == 1) expects_answer_ = true;
  me.context.resume_at.exchange(k_in_place, seq_cst);
  uintptr_t mark = k_in_place;
  if (!wait_for_mark(me) && me.context.resume_at.compare_exchange(mark, k_running, acq_rel))
    return false;
  if (me.context.resume_at.load(acquire) == k_called) return false;
  note_turn(me);
  return true;
}

// Two that talk to each other go faster on one worker: there a hop takes no cache line's way. So a worker that
// has woken one and then waited calls the next one to itself, as the newest; if it was taken from here before its
// waker waited, that was a mistake, and the next is left where it stands.
bool Worker::wake_in_place(Coroutine& claimed) {
  uintptr_t mark = claimed.context.resume_at.load(seq_cst);
  if (mark != k_in_place) return false;
  Worker* waker = this_worker();
  const bool is_called = waker != nullptr && std::exchange(waker->expects_answer_, false);
  if (!claimed.context.resume_at.compare_exchange(mark, is_called ? k_called : k_running, acq_rel))
    return false;
  if (is_called) {
    waker->called_ = &claimed;
  } else if (waker != nullptr) {
    ++waker->woken_in_place_;
  }
  return !is_called;
}

}  // namespace weft::coro
