// latch: a gate that opens, once, when as many have come as were expected.
#pragma once

#include <cstddef>

#include "core/base/assert.hh"
#include "userlib/sys/futex.hh"

namespace weft {

class latch {
 public:
  static constexpr ptrdiff_t max() { return INT32_MAX; }

  constexpr explicit latch(ptrdiff_t expected) : left_(static_cast<uint32_t>(expected)) {
    ASSERT(expected >= 0 && expected <= max(), "a latch expects as many as it can count");
  }
  latch(const latch&) = delete;
  latch& operator=(const latch&) = delete;

  void count_down(ptrdiff_t amount = 1) {
    ASSERT(amount >= 0 && amount <= max(), "a latch counts down to zero and no further");
    const auto count = static_cast<uint32_t>(amount);
    const uint32_t before = left_.fetch_sub(count, acq_rel);
    ASSERT(before >= count, "a latch counts down to zero and no further");
    if (before == count) futex::wake_all(left_);
  }
  bool try_wait() const { return left_.load(acquire) == 0; }
  void wait() {
    for (uint32_t left = left_.load(acquire); left != 0; left = left_.load(acquire)) {
      futex::wait(left_, left);
    }
  }
  void arrive_and_wait(ptrdiff_t amount = 1) {
    count_down(amount);
    wait();
  }

 private:
  Atomic<uint32_t> left_;
};

}  // namespace weft
