// Sections in which a coroutine must not lose its thread to another one of the same worker, because they
// change what belongs to the thread, or hold a lock that the other one might want: all of the
// coroutines' runtime, and every Lock of this library. The end of a time slice finds the count above
// zero, and comes again a little later (coro/time_slice.cc).
//
// The count is the thread's. A switch in such a section takes place between two that are in one, so it
// fits for both.
#pragma once

#include <cstdint>

extern "C" {
[[gnu::tls_model("local-exec")]] extern constinit thread_local uint32_t weft_uninterrupted;
[[gnu::tls_model("local-exec")]] extern constinit thread_local bool weft_uninterrupted_briefly;
}

namespace weft::sys {

// One instruction each, since it may be another thread's count before and after.
[[gnu::always_inline]] inline void enter_uninterrupted() {
  asm volatile("incl %%fs:weft_uninterrupted@tpoff" ::: "memory", "cc");
}
[[gnu::always_inline]] inline void leave_uninterrupted() {
  asm volatile("decl %%fs:weft_uninterrupted@tpoff" ::: "memory", "cc");
}

class Uninterrupted {
 public:
  [[gnu::always_inline]] Uninterrupted() { enter_uninterrupted(); }
  [[gnu::always_inline]] ~Uninterrupted() { leave_uninterrupted(); }
  Uninterrupted(const Uninterrupted&) = delete;
  Uninterrupted& operator=(const Uninterrupted&) = delete;
};

// The same for a section of some instructions that calls nothing, and so is in no other of its kind. A mark is
// only written, while a count is read, too: each of two such sections in a row waits for the one before.
class UninterruptedBriefly {
 public:
  [[gnu::always_inline]] UninterruptedBriefly() {
    asm volatile("movb $1, %%fs:weft_uninterrupted_briefly@tpoff" ::: "memory");
  }
  [[gnu::always_inline]] ~UninterruptedBriefly() {
    asm volatile("movb $0, %%fs:weft_uninterrupted_briefly@tpoff" ::: "memory");
  }
  UninterruptedBriefly(const UninterruptedBriefly&) = delete;
  UninterruptedBriefly& operator=(const UninterruptedBriefly&) = delete;
};

}  // namespace weft::sys
