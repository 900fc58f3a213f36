// Detached: a coroutine that starts at once and that nobody waits for. Its frame goes when it is at its
// end. The glue between awaitables and code that is no coroutine; programs use async_scope instead.
#pragma once

#include <coroutine>

#include "core/base/assert.hh"
#include "userlib/coro/stackless/frame_memory.hh"

namespace weft::detail {

struct Detached {
  struct promise_type : FrameMemory {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept {
      panic("an exception left a coroutine that nobody waits for");
    }
  };
};

}  // namespace weft::detail
