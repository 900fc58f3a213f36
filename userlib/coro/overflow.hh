// What happens when a coroutine runs off its stack: the program ends with word of which coroutine it was.
// It meets the guard page, and that is that. Packed stacks have none, so who runs off one writes into
// another's: that is seen from the word at its low end, at the next fault, or when its function has returned
// (in stack_pool.hh, give(); then the message may come late, and mean one that had the stack before).
#pragma once

#include "userlib/coro/coroutine.hh"

namespace weft::coro {

// For a worker's thread while it lives: a stack for signal handlers, and (once in a program) the handler.
// A program that has a handler of its own for SIGSEGV keeps it.
class OverflowGuard {
 public:
  OverflowGuard();
  ~OverflowGuard();
  OverflowGuard(const OverflowGuard&) = delete;
  OverflowGuard& operator=(const OverflowGuard&) = delete;

 private:
  void* stack_ = nullptr;
};

// For the stack pool: the coroutine is at its end, and the word at the end of its packed stack is another.
[[noreturn]] void end_by_overrun(const Coroutine& coroutine);

}  // namespace weft::coro
