#include "userlib/coro/go.hh"

#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/worker.hh"

namespace weft::coro::detail {

Coroutine& make_coroutine(const Kind& kind, StackSize stack, int32_t place) {
  Worker* worker = this_worker();
  ASSERT(worker != nullptr, "go() is for coroutines; the first one comes from run()");
  Coroutine* block = worker->blocks().take();
  ASSERT(block != nullptr, "there is memory for one more coroutine");
  block->kind = &kind;
  block->joiner.store(nullptr, relaxed);
  block->flags.store(0, relaxed);
  block->park.store(Park::none, relaxed);
  block->reason = Reason::none;
  block->stack_class = static_cast<uint8_t>(stack);
  block->place = place;
  block->context.resume_at.store(k_not_started, relaxed);
  ++worker->spawned;
  return *block;
}

void launch(Coroutine& coroutine, Launch how) {
  Worker& worker = *this_worker();
  Coroutine& me = running();
  if (how == Launch::now && me.context.resume_at.load(relaxed) != k_stackless) {
    worker.run_child(me, coroutine);
  } else {
    worker.make_runnable(coroutine);
  }
}

bool has_ended(const Coroutine& coroutine) { return coroutine.joiner.load(acquire) == k_finished; }

bool wait_for_end_until(Coroutine& coroutine, Instant deadline) {
  if (has_ended(coroutine)) return true;
  Coroutine& me = self();
  Waiter waiter;
  waiter.prepare(me, Reason::join);
  Coroutine* nobody = nullptr;
  if (!coroutine.joiner.compare_exchange(nobody, &me, acq_rel)) {
    ASSERT(nobody == k_finished, "a coroutine is joined by one");
    me.park.store(Park::none, relaxed);
    return true;
  }
  if (park(&coroutine, deadline) == Wake::woken) return true;
  // It may have ended meanwhile, and then is about to fail in claiming us; it says when it has.
  Coroutine* expected = &me;
  if (coroutine.joiner.compare_exchange(expected, nullptr, acq_rel)) return false;
  while (coroutine.joiner.load(acquire) != k_finished) __builtin_ia32_pause();
  return true;
}

void wait_for_end(Coroutine& coroutine) {
  // A cancelled coroutine still waits for those it has started: they may use what it owns.
  while (!has_ended(coroutine)) {
    Coroutine& me = self();
    Waiter waiter;
    waiter.prepare(me, Reason::join, Park::waiting_uninterruptibly);
    Coroutine* nobody = nullptr;
    if (!coroutine.joiner.compare_exchange(nobody, &me, acq_rel)) {
      ASSERT(nobody == k_finished || nobody == k_ending, "a coroutine is joined by one");
      me.park.store(Park::none, relaxed);
      while (!has_ended(coroutine)) __builtin_ia32_pause();
      return;
    }
    (void)park(&coroutine);
  }
}

void release_block(Coroutine& coroutine) {
  coroutine.context.resume_at.store(k_unused, relaxed);
  if (Worker* worker = this_worker()) {
    worker->blocks().give(coroutine);
  } else {
    give_block_back(coroutine);
  }
}

bool let_go(Coroutine& coroutine) {
  Coroutine* nobody = nullptr;
  if (coroutine.joiner.compare_exchange(nobody, k_let_go, acq_rel)) return false;
  while (!has_ended(coroutine)) __builtin_ia32_pause();
  return true;
}

void yield_slowly() {
  if (Worker* worker = this_worker()) worker->yield(running());
}

}  // namespace weft::coro::detail
