// What happens when a coroutine runs off its stack: it meets the guard page, and the program ends with
// word of which coroutine it was.
#pragma once

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

}  // namespace weft::coro
