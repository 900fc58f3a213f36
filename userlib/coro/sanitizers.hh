// The switch from coroutine to coroutine, with word to the sanitizers where the program is built with
// one: AddressSanitizer has to know which stack is in use, ThreadSanitizer which thread of control runs.
// Without them it is switch_context() and nothing else.
#pragma once

#include "userlib/coro/frame.hh"
#include "userlib/coro/stack_pool.hh"
#include "userlib/coro/switch.hh"

#if defined(WEFT_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#elif defined(WEFT_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace weft::coro {

class Worker;

#if defined(WEFT_ASAN) || defined(WEFT_TSAN)
inline constexpr bool k_sanitized = true;

namespace sanitizer {

// What a base says of the thread it stands on; and the life of a frame's fiber.
void register_base(Coroutine& base);
void before_switch(Coroutine& to, void** save, bool for_ever);
void after_switch(void* saved);
void new_frame(Frame& frame);

// A new frame in the place of an old one has its fiber.
template <typename Put>
void keep_fiber([[maybe_unused]] Frame& frame, Put put) {
#if defined(WEFT_TSAN)
  void* const fiber = frame.fiber;
  put().fiber = fiber;
#else
  put();
#endif
}

}  // namespace sanitizer

inline void switch_to(Coroutine& from, Coroutine& to) {
  void* saved = nullptr;
  sanitizer::before_switch(to, &saved, false);
  switch_context(from.context, to.context);
  sanitizer::after_switch(saved);
}

// To one that begins: see switch_to_beginning_at_once(). Its `run` calls sanitizer::after_switch(nullptr).
inline void switch_to_new(Coroutine& from, Coroutine& to, Frame& frame, Worker* worker,
                          void (*run)(Coroutine&, void*), void* closure) {
  void* saved = nullptr;
  sanitizer::new_frame(frame);
  sanitizer::before_switch(to, &saved, false);
  switch_to_beginning_at_once(from.context, worker, &to, &frame, reinterpret_cast<void*>(run),
                              closure);
  sanitizer::after_switch(saved);
}

// The same among workers that share: see switch_to_beginning_before_parent(). The answer is `from`.
inline Coroutine& switch_to_child(Coroutine& from, Coroutine& to, Frame& frame, Worker* worker,
                                  void (*run)(Coroutine&, void*, Coroutine&, Worker&),
                                  void* closure) {
  void* saved = nullptr;
  sanitizer::new_frame(frame);
  sanitizer::before_switch(to, &saved, false);
  switch_to_beginning_before_parent(from.context, worker, &to, &frame, reinterpret_cast<void*>(run),
                                    closure);
  sanitizer::after_switch(saved);
  return from;
}

[[noreturn]] inline void leave_to(Coroutine& to) {
  sanitizer::before_switch(to, nullptr, true);
  leave_for_context(to.context);
}

#else

inline constexpr bool k_sanitized = false;

namespace sanitizer {
inline void register_base(Coroutine&) {}
inline void after_switch(void*) {}
inline void new_frame(Frame&) {}
template <typename Put>
void keep_fiber(Frame&, Put put) {
  put();
}
}  // namespace sanitizer

[[gnu::always_inline]] inline void switch_to(Coroutine& from, Coroutine& to) {
  switch_context(from.context, to.context);
}

[[gnu::always_inline]] inline void switch_to_new(Coroutine& from, Coroutine& to, Frame& frame,
                                                 Worker* worker, void (*run)(Coroutine&, void*),
                                                 void* closure) {
  switch_to_beginning_at_once(from.context, worker, &to, &frame, reinterpret_cast<void*>(run),
                              closure);
}

[[gnu::always_inline]] inline Coroutine& switch_to_child(
    Coroutine& from, Coroutine& to, Frame& frame, Worker* worker,
    void (*run)(Coroutine&, void*, Coroutine&, Worker&), void* closure) {
  return reinterpret_cast<Coroutine&>(switch_to_beginning_before_parent(
      from.context, worker, &to, &frame, reinterpret_cast<void*>(run), closure));
}

[[noreturn]] inline void leave_to(Coroutine& to) { leave_for_context(to.context); }

#endif

}  // namespace weft::coro
