#include "userlib/coro/go.hh"

#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/worker.hh"
#include "userlib/sys/spin.hh"

namespace weft::coro {

uint64_t this_coro::number() { return block_number(running()); }
bool this_coro::is_cancelled() {
  return (running().flags.load(relaxed) & flag::k_cancel_requested) != 0;
}

namespace detail {

Wake wait_for_end_until(Coroutine& coroutine, Instant deadline) {
  if (has_ended(coroutine)) return Wake::woken;
  Coroutine& me = self();
  Waiter waiter;
  waiter.prepare(me, Reason::join);
  if (announce_joiner(coroutine, me)) {
    const Wake how = park(&coroutine, deadline);
    if (how == Wake::woken || withdraw_joiner(coroutine, me)) return how;
  } else {
    take_back_wait(me);
  }
  while (!has_ended(coroutine)) sys::relax();
  return Wake::woken;
}

// (Who ends meanwhile is about to fail in claiming `me`.)
bool withdraw_joiner(Coroutine& coroutine, Coroutine& me) {
  Coroutine* expected = &me;
  return coroutine.joiner.compare_exchange(expected, nullptr, acq_rel);
}

bool announce_joiner(Coroutine& coroutine, Coroutine& me) {
  Coroutine* nobody = nullptr;
  if (exclusive()) {
    nobody = coroutine.joiner.load(relaxed);
    if (nobody == nullptr) coroutine.joiner.store(&me, relaxed);
  } else {
    coroutine.joiner.compare_exchange(nobody, &me, acq_rel);
  }
  ASSERT(nobody == nullptr || nobody == k_finished || nobody == k_ending,
         "a coroutine is joined by one");
  return nobody == nullptr;
}

void wait_for_end(Coroutine& coroutine) {
  // On a lone worker what has not begun is in the ring, and may be over when it comes round.
  if (has_short_ways() && coroutine.context.resume_at.load(relaxed) == k_not_started) yield();
  // A cancelled coroutine still waits for those it has started: they may use what it owns.
  while (!has_ended(coroutine)) {
    Coroutine& me = self();
    Waiter waiter;
    waiter.prepare(me, Reason::join, Park::waiting_uninterruptibly);
    if (!announce_joiner(coroutine, me)) {
      take_back_wait(me);
      while (!has_ended(coroutine)) sys::relax();
      return;
    }
    (void)park(&coroutine);
  }
}

bool let_go(Coroutine& coroutine) {
  Coroutine* nobody = nullptr;
  if (coroutine.joiner.compare_exchange(nobody, k_let_go, acq_rel)) return false;
  while (!has_ended(coroutine)) sys::relax();
  return true;
}

void release_block_slowly(Coroutine& coroutine) {
  const sys::Uninterrupted section;
  coroutine.context.resume_at.store(k_unused, relaxed);
  Worker* worker = this_worker();
  worker != nullptr ? worker->blocks().give(coroutine) : give_block_back(coroutine);
}

void yield_slowly() {
  const sys::Uninterrupted section;
  if (Worker* worker = this_worker()) worker->yield(running());
}

}  // namespace detail
}  // namespace weft::coro
