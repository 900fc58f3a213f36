// counting_semaphore: the kitchen with n keys. latch: a gate that opens when all have come.
#pragma once

#include "core/base/assert.hh"
#include "userlib/thread/futex.hh"

namespace weft {

class counting_semaphore {
 public:
  constexpr explicit counting_semaphore(uint32_t count) : count_(count) {}
  counting_semaphore(const counting_semaphore&) = delete;
  counting_semaphore& operator=(const counting_semaphore&) = delete;

  void acquire() {
    while (!try_acquire()) {
      waiters_.fetch_add(1, seq_cst);
      futex::wait(count_, 0);
      waiters_.fetch_sub(1, relaxed);
    }
  }

  bool try_acquire() {
    uint32_t seen = count_.load(relaxed);
    while (seen > 0) {
      if (count_.compare_exchange(seen, seen - 1, weft::acquire)) return true;
    }
    return false;
  }

  // Either this sees the waiter, or the waiter's futex call sees the new count: both sides write
  // their own word before they read the other's, in one order for all.
  void release(uint32_t amount = 1) {
    count_.fetch_add(amount, seq_cst);
    if (waiters_.load(seq_cst) == 0) return;
    if (amount == 1) {
      futex::wake_one(count_);
    } else {
      futex::wake_all(count_);
    }
  }

 private:
  Atomic<uint32_t> count_;
  Atomic<uint32_t> waiters_{0};
};

class latch {
 public:
  constexpr explicit latch(uint32_t count) : left_(count) {}
  latch(const latch&) = delete;
  latch& operator=(const latch&) = delete;

  void count_down(uint32_t amount = 1) {
    const uint32_t before = left_.fetch_sub(amount, acq_rel);
    ASSERT(before >= amount, "a latch counts down to zero and no further");
    if (before == amount) futex::wake_all(left_);
  }
  bool try_wait() const { return left_.load(acquire) == 0; }
  void wait() {
    for (uint32_t left = left_.load(acquire); left != 0; left = left_.load(acquire))
      futex::wait(left_, left);
  }
  void arrive_and_wait() {
    count_down();
    wait();
  }

 private:
  Atomic<uint32_t> left_;
};

}  // namespace weft
