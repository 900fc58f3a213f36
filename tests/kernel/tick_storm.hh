// TickStorm: while it lives, every CPU's timer interrupts about every 50 microseconds, and each
// time the running thread's turn is over. So a thread loses its CPU after a few hundred instructions,
// at whatever place it has come to.
#pragma once

#include "core/base/atomic.hh"
#include "kernel/threads.hh"

namespace weft::selftest {

class TickStorm {
 public:
  TickStorm();
  ~TickStorm();
  TickStorm(const TickStorm&) = delete;
  TickStorm& operator=(const TickStorm&) = delete;

  // Turns that were ended so far.
  uint64_t ticks() const { return ticks_.load(relaxed); }
  // Enough of them for a test.
  bool has_blown() const { return ticks() >= 300; }

 private:
  void blow();
  static void end_turn(void* storm);

  Atomic<bool> over_{false};
  Atomic<uint64_t> ticks_{0};
  Crew<hal::k_max_cpus> blowers_;  // one for each CPU
};

}  // namespace weft::selftest
