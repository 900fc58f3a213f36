// Frame: what lies at the top of a started coroutine's stack: all that is wanted seldom, so that the
// control block keeps to one cache line.
#pragma once

#include <new>

#include "userlib/coro/coroutine.hh"

namespace weft::coro {

namespace detail {
struct LocalNode;
void drop_locals(LocalNode* first);
}  // namespace detail

struct alignas(16) Frame {
  Coroutine* coroutine;
  const Kind* kind;
  void* closure[2];  // the function itself if it is small, else the address of its box
  const char* name = nullptr;
  detail::LocalNode* locals = nullptr;
  void* fiber = nullptr;  // ThreadSanitizer's
};

inline void* top_of(Frame& frame) { return &frame + 1; }

// The frame of a coroutine that begins on that stack: its function moves there from the block.
inline Frame& put_frame(void* top, Coroutine& coroutine) {
  auto** payload = static_cast<void**>(coroutine.payload());
  auto* frame = new (static_cast<char*>(top) - sizeof(Frame))
      Frame{&coroutine, coroutine.kind, {payload[0], payload[1]}};
  coroutine.frame = frame;
  return *frame;
}

}  // namespace weft::coro
