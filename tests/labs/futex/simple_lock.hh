// Lab futex, part 2: the simplest lock that sleeps. One word, two states. It asks the kernel at each unlock, whether
// somebody waits or not: what that costs is what the mutex of part 3 saves.
#pragma once

#include "core/base/assert.hh"
#include "core/base/atomic.hh"
#include "userlib/sys/futex.hh"

namespace weft::labs {

class SimpleLock {
 public:
  // Sleeps as long as another thread has it.
  void lock() {
    // lab:futex begin 2
    while (word_.exchange(k_held, acquire) == k_held) futex::wait(word_, k_held);
    // lab:futex stub: panic("not implemented: lab futex, part 2");
    // lab:futex end
  }
  // The next one may go on. One system call.
  void unlock() {
    // lab:futex begin 2
    word_.store(k_free, release);
    futex::wake_one(word_);
    // lab:futex stub: panic("not implemented: lab futex, part 2");
    // lab:futex end
  }

 private:
  static constexpr uint32_t k_free = 0;
  static constexpr uint32_t k_held = 1;

  Atomic<uint32_t> word_{k_free};
};

}  // namespace weft::labs
