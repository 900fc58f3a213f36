// The block that stands for a plain thread when it waits for something that coroutines wait for, too.
#pragma once

#include "userlib/coro/coroutine.hh"

namespace weft::coro {

struct ThreadBlock {
  Coroutine block;
  Atomic<uint32_t> unparked{0};  // a futex
};

inline ThreadBlock& thread_of(Coroutine& block) { return reinterpret_cast<ThreadBlock&>(block); }
static_assert(offsetof(ThreadBlock, block) == 0);

}  // namespace weft::coro
