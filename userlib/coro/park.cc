#include "userlib/coro/park.hh"

#include "userlib/base/clock.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/thread_block.hh"
#include "userlib/coro/timer.hh"
#include "userlib/coro/worker.hh"
#include "userlib/sys/futex.hh"

namespace weft::coro {
namespace {

// A plain thread sleeps in the kernel, which keeps its deadline, too.
void park_thread(Coroutine& me, Instant deadline) {
  // lab:m-to-n begin 2
  ThreadBlock& thread = thread_of(me);
  while (thread.unparked.load(acquire) == 0) {
    if (deadline == k_never) {
      futex::wait(thread.unparked, 0);
      continue;
    }
    if (futex::wait_until(thread.unparked, 0, deadline)) continue;
    if (claim(me, Park::timed_out)) return;
    futex::wait(thread.unparked, 0);  // somebody has claimed it, so the unparking is on its way
  }
  thread.unparked.store(0, relaxed);
  // lab:m-to-n stub: static_cast<void>(me), static_cast<void>(deadline);
  // lab:m-to-n stub: panic("not implemented: lab m-to-n, part 2");
  // lab:m-to-n end
}

}  // namespace

Wake detail::park_slowly(const void* object, Instant deadline) {
  if (exclusive() && deadline == k_never && running().flags.load(relaxed) == 0 && !in_task())
    return this_worker()->wait_until_woken(running(), object);
  Coroutine& me = self();
  if (me.context.resume_at.load(relaxed) == k_thread) {
    park_thread(me, deadline);
    return end_wait(me);
  }
  ASSERT(!in_task(), "a task suspends, it doesn't park: its stack is the worker's");
  // lab:m-to-n begin 2
  // Who cancels first sets the flag and then looks whether there is a wait; here it is the other way
  // round, with the object's lock, an atomic exchange, in between. So one of the two sees the other.
  if ((me.flags.load(relaxed) & flag::k_cancel_requested) != 0 &&
      me.park.load(relaxed) == Park::waiting && claim(me, Park::cancelled)) {
    take_back_wait(me);
    return Wake::cancelled;
  }
  if (deadline == k_never) [[likely]]
    return this_worker()->wait_until_woken(me, object);
  const sys::Uninterrupted section;
  Timer timer;
  timer.arm(me, deadline);
  this_worker()->switch_away(me, object);
  timer.disarm();
  return end_wait(me);
  // lab:m-to-n stub: panic("not implemented: lab m-to-n, part 2");
  // lab:m-to-n end
}

void detail::unpark_slowly(Coroutine& claimed) {
  const sys::Uninterrupted section;
  note_wake(claimed);
  if (Worker::wake_in_place(claimed)) return;
  // lab:m-to-n begin 2
  if (claimed.context.resume_at.load(relaxed) == k_thread) {
    Atomic<uint32_t>& word = thread_of(claimed).unparked;
    word.store(1, release);
    futex::wake_one(word);
    return;
  }
  if (Worker* worker = this_worker()) return worker->make_next(claimed);
  Scheduler::running()->make_runnable(claimed);
  // lab:m-to-n stub: panic("not implemented: lab m-to-n, part 2");
  // lab:m-to-n end
}

// Not by way of the slot for the newest: they run in the order of the list.
void unpark_all(Coroutine* claimed) {
  const sys::Uninterrupted section;
  while (claimed != nullptr) {
    Coroutine& first = *claimed;
    claimed = first.next;
    first.next = &first;
    Worker* worker = this_worker();
    if (worker != nullptr && first.context.resume_at.load(relaxed) != k_thread) {
      note_wake(first);
      if (!Worker::wake_in_place(first)) worker->make_runnable(first);
    } else {
      unpark(first);
    }
  }
}

Instant now() {
  const Scheduler* scheduler = Scheduler::running();
  if (scheduler != nullptr && scheduler->is_virtual()) return scheduler->virtual_now();
  return instant_now();
}

Wake sleep_until(Instant deadline) {
  Waiter waiter;
  waiter.prepare(Reason::sleep);
  return park(nullptr, deadline);
}

namespace detail {

bool mark_cancelled(Coroutine& coroutine) {
  coroutine.flags.fetch_or(flag::k_cancel_requested, seq_cst);
  Park seen = Park::waiting;
  return coroutine.park.compare_exchange(seen, Park::cancelled, seq_cst);
}

void request_cancel(Coroutine& coroutine) {
  if (mark_cancelled(coroutine)) unpark(coroutine);
}

}  // namespace detail
}  // namespace weft::coro
