// Waiting in place: a coroutine whose worker has nothing else to do stays where it stands for some
// microseconds, with its registers where they are, and looks at its own block. Who wakes it there writes one
// word of that block, which it has at hand since it has just ended the wait in it; no queue, and nothing that
// workers share, is touched.
//
//     resume_at:   running ──> in place ──woken──────────────> running          it goes on at once
//                                 ├──given up──> running ──┐
//                                 └──called──────────────> called ──> an address     it leaves its stack
//
// It is in place from the moment on in which its wait is prepared (Waiter::prepare), before anybody can know of
// it: who wakes it while it is still about to stop keeps it from stopping. Who finds something else to run here gives
// up at once.
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

// Until somebody has changed its mark, or there is something else to do, or it is time to look further.
void Worker::wait_for_mark(const Coroutine& me) {
  sys::SpinTime spinning;
  do {
    for (uint32_t look = 0; look < k_looks_of_a_round; ++look) {
      if (me.context.resume_at.load(acquire) != k_in_place) return;
      sys::relax();
    }
  } while (!sees_work_elsewhere() && !spinning.is_over());
}

// `me` waits. True if it is to leave, wherever it goes on; else it goes on here, and has been woken.
bool Worker::leaves_its_place(Coroutine& me) {
  if (may_wait_in_place()) {
    searches_.store(searches_.load(relaxed) + 1, relaxed);
    // To have woken just one, and then have nothing to do but wait, looks like a conversation.
    if (std::exchange(woken_in_place_, 0) == 1) expects_answer_ = true;
    wait_for_mark(me);
  }
  uintptr_t mark = me.context.resume_at.load(acquire);
  ASSERT(stands_on_stack(mark), "who parks has prepared its wait");
  if (mark == k_in_place && me.context.resume_at.compare_exchange(mark, k_running, acq_rel))
    return true;
  if (mark == k_called) return true;
  turns_.store(turns_.load(relaxed) + 1, relaxed);
  note_turn(me);
  return false;
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
    if (waker->wakes_sleepers_) waker->wakes_sleepers_ = false;
  }
  return !is_called;
}

}  // namespace weft::coro
