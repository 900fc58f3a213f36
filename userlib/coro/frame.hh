// Frame: what lies at the top of a started coroutine's stack: all that is wanted seldom, so that the
// control block keeps to one cache line.
#pragma once

#include <new>

#include "userlib/coro/coroutine.hh"
#include "userlib/coro/sanitized.hh"

namespace weft::coro {

namespace detail {
struct LocalNode;
void drop_locals(LocalNode* first);
// The name that this frame's coroutine was given, or null.
const char* given_name(const LocalNode* first);
}  // namespace detail

struct alignas(16) Frame {
  const Kind* kind;
  // The function itself if it is small, else the address of its box; unless it began at once.
  void* closure[2];
  detail::LocalNode* locals = nullptr;
  uint64_t stopped_at = 0;  // when its wait began, in ticks (ticks.hh), if times are kept
  Coroutine* next_in_inbox = nullptr;  // of a lone worker, whose other threads post it
#if defined(WEFT_TSAN)
  void* fiber = nullptr;
#endif
};

inline void* top_of(Frame& frame) { return &frame + 1; }
inline Frame& frame_below(void* top) { return static_cast<Frame*>(top)[-1]; }

// The frame of a coroutine that begins on that stack: its function moves there from the block.
inline Frame& put_frame(void* top, Coroutine& coroutine) {
  auto** payload = static_cast<void**>(coroutine.payload());
  auto* frame =
      new (static_cast<char*>(top) - sizeof(Frame)) Frame{coroutine.kind, {payload[0], payload[1]}};
  coroutine.frame = frame;
  return *frame;
}

}  // namespace weft::coro
