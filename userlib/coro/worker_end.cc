// How coroutines begin and end: what they stand on while their functions run. Not all ends are alike. One that
// was begun at once ends as it began, in some instructions, if nobody waits for it; all others tell who waits,
// give back what they had, and go on with whoever is next.
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/worker.hh"

extern "C" {
// Called from switch.S. The end of one that was begun at once may be a few instructions, on a lone worker or before
// its parent: it saves nothing for anybody. If it can't be, it is like all others (slowly), which are run by the last
// two, from their beginning or from their end.
[[clang::preserve_none]] void weft_coro_end_at_once(weft::coro::Worker& worker,
                                                    weft::coro::Coroutine& coroutine);
[[clang::preserve_none]] void weft_coro_end_before_parent(weft::coro::Worker& worker,
                                                          weft::coro::Coroutine& coroutine);
[[clang::preserve_none]] void weft_coro_end_before_last_parent(weft::coro::Worker& worker,
                                                               weft::coro::Coroutine& coroutine);
[[clang::preserve_none]] void weft_coro_end_slowly(weft::coro::Worker& worker,
                                                   weft::coro::Coroutine& coroutine);
[[noreturn]] void weft_coro_main(weft::coro::Coroutine* coroutine);
[[noreturn]] void weft_coro_end(weft::coro::Coroutine* coroutine);
}

namespace weft::coro {

// Tells who waits for the end of `me`, or drops the result if nobody will. True if the block is to be
// given back; else it may be another's after this.
bool Worker::settle(Coroutine& me, const Kind& kind) {
  Coroutine* joiner = me.joiner.load(relaxed);
  if (exclusive()) {
    if (joiner != k_let_go) me.joiner.store(k_finished, relaxed);
  } else {
    // Most often nobody waits yet. Else its waiter must not go away while it is being claimed; so it is
    // told the end only after that.
    while (joiner != k_let_go) {
      Coroutine* const then = joiner == nullptr ? k_finished : k_ending;
      if (me.joiner.compare_exchange(joiner, then, acq_rel)) break;
    }
  }
  if (joiner == k_let_go) {
    kind.drop_result(me);
    return true;
  }
  if (joiner == nullptr) return false;
  const bool won = claim(*joiner, Park::woken);
  me.joiner.store(k_finished, release);
  if (won) unpark(*joiner);
  return false;
}

void Worker::settle_and_release(Coroutine& task, const Kind& kind) {
  if (!settle(task, kind)) return;
  task.context.resume_at.store(k_unused, relaxed);
  blocks_.give(task);
}

// Is there nobody to be told of the end of `me`, and nothing to be destroyed?
static bool ends_alone(const Coroutine& me, const Frame& frame) {
  return me.joiner.load(relaxed) == nullptr && frame.locals == nullptr;
}

[[gnu::always_inline]] inline void Worker::take_out_ended(Coroutine& me, Coroutine& next) {
  count_ended();
  me.joiner.store(k_finished, relaxed);
  Coroutine& before = *me.previous;
  before.next = &next;
  next.previous = &before;
  set_running(next);
}

inline void Worker::end_at_once(Coroutine& me) {
  Coroutine& next = *me.next;
  Frame& frame = *me.frame;
  if (!ends_alone(me, frame)) [[unlikely]]
    return;
  if (!goes_short_way(next.context.resume_at.load(relaxed))) [[unlikely]]
    return;
  stacks_.put_back(static_cast<StackSize>(me.stack_class), top_of(frame));
  take_out_ended(me, next);
  leave_to(next);
}

// On a lone worker, when nobody waits for it and there is nothing else to be done: null if it isn't so.
inline Coroutine* Worker::end_shortly(Coroutine& me) {
  Frame& frame = *me.frame;
  Coroutine& next = *me.next;
  if (!has_short_ways() || !ends_alone(me, frame) || &next == &me || k_sanitized) return nullptr;
  const uintptr_t mark = next.context.resume_at.load(relaxed);
  if (mark > k_last_mark) {
    stacks_.give(static_cast<StackSize>(me.stack_class), top_of(frame));
  } else {
    if (mark != k_not_started || next.stack_class != me.stack_class) return nullptr;
    put_frame(top_of(frame), next);
    next.context.resume_at.store(k_running, relaxed);
  }
  take_out_ended(me, next);
  return &next;
}

// The parent has waited here since `me` began, and is next. Nobody else can have had the handle of `me`, so nobody has
// joined it or let it go, or will before that one goes on. (Who has locals isn't asked here: see detail::own_locals().)
[[gnu::always_inline]] inline void Worker::end_before_parent(Coroutine& me, Coroutine& parent) {
  me.joiner.store(k_finished, release);
  stacks_.put_back(static_cast<StackSize>(me.stack_class), top_of(*me.frame));
  set_running(parent);
  leave_to(parent);
}

Coroutine& Worker::end(Coroutine& me) {
  count_ended();
  tracer_.note(Traced::coroutine_ends, me);
  Frame& frame = *me.frame;
  const uint8_t size = me.stack_class;
  if (frame.locals != nullptr) [[unlikely]]
    detail::drop_locals(std::exchange(frame.locals, nullptr));
  const bool is_free = settle(me, *frame.kind);
  Coroutine* next = &successor(me);
  if (is_free) {
    me.context.resume_at.store(k_unused, relaxed);
    blocks_.give(me);
  }
  if (next->context.resume_at.load(relaxed) == k_not_started && next->stack_class == size) {
    sanitizer::keep_fiber(frame, [&]() -> Frame& { return put_frame(top_of(frame), *next); });
    next->context.resume_at.store(k_running, relaxed);
    note_turn(*next);
    set_running(*next);
    return *next;
  }
  stacks_.give(static_cast<StackSize>(size), top_of(frame));
  Coroutine& to = make_ready(*next);
  set_running(to);
  return to;
}

// ---- From the beginning to the end -----------------------------------------------------------------------

namespace {

[[gnu::always_inline]] inline void run_from_beginning(Coroutine& coroutine) {
  sys::leave_uninterrupted();
  coroutine.frame->kind->run(coroutine, coroutine.frame->closure);
}

// Its function has returned. Others may begin on the same stack. (In line, as everything here: a call that
// doesn't return would make the CPU mispredict the returns of all who called before.)
[[noreturn, gnu::always_inline]] inline void end_and_go_on(Coroutine* coroutine) {
  for (;;) {
    sys::enter_uninterrupted();
    Worker& worker = *this_worker();
    Coroutine* next = worker.end_shortly(*coroutine);
    if (next == nullptr) next = &worker.end(*coroutine);
    if (next->context.resume_at.load(relaxed) != k_running) leave_to(*next);
    coroutine = next;
    run_from_beginning(*coroutine);
  }
}

}  // namespace
}  // namespace weft::coro

void weft_coro_end_at_once(weft::coro::Worker& worker, weft::coro::Coroutine& coroutine) {
  worker.end_at_once(coroutine);
  [[clang::musttail]] return weft_coro_end_slowly(worker, coroutine);
}

void weft_coro_end_before_parent(weft::coro::Worker& worker, weft::coro::Coroutine& coroutine) {
  weft::coro::Coroutine& parent = *coroutine.next;
  // If it has stopped meanwhile, it may be elsewhere now, and `next` is itself; or it is time to look who else is there.
  if (&parent == &coroutine || worker.has_woken()) [[unlikely]]
    [[clang::musttail]] return weft_coro_end_slowly(worker, coroutine);
  if (worker.has_parent_early(parent)) [[likely]]
    worker.end_before_parent(coroutine, parent);
  [[clang::musttail]] return weft_coro_end_before_last_parent(worker, coroutine);
}

void weft_coro_end_before_last_parent(weft::coro::Worker& worker,
                                      weft::coro::Coroutine& coroutine) {
  if (worker.has_last_parent()) worker.end_before_parent(coroutine, *coroutine.next);
  [[clang::musttail]] return weft_coro_end_slowly(worker, coroutine);
}

void weft_coro_main(weft::coro::Coroutine* coroutine) {
  using namespace weft::coro;
  sanitizer::after_switch(nullptr);
  coroutine->context.resume_at.store(k_running, weft::relaxed);
  run_from_beginning(*coroutine);
  end_and_go_on(coroutine);
}

void weft_coro_end(weft::coro::Coroutine* coroutine) { weft::coro::end_and_go_on(coroutine); }
