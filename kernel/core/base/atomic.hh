// Atomic<T>: the one atomic type of the kernel and of the userlib, a thin cover over std::atomic. In the
// explorer's build (tests/explore) each access is a step, and the explorer chooses what a load sees.
#pragma once

#include <atomic>

namespace weft {

using std::memory_order;
inline constexpr memory_order relaxed = std::memory_order_relaxed;
inline constexpr memory_order acquire = std::memory_order_acquire;
inline constexpr memory_order release = std::memory_order_release;
inline constexpr memory_order acq_rel = std::memory_order_acq_rel;
inline constexpr memory_order seq_cst = std::memory_order_seq_cst;

template <typename T>
class Atomic {
 public:
  constexpr Atomic() = default;
  constexpr explicit Atomic(T value) : value_(value) {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  // The order is always written out: which order, and why, is the interesting part.
  T load(memory_order order) const { return value_.load(order); }
  void store(T value, memory_order order) { value_.store(value, order); }
  T exchange(T value, memory_order order) { return value_.exchange(value, order); }

  // Stores `desired` if the value is `expected`. If not, `expected` becomes the value seen.
  bool compare_exchange(T& expected, T desired, memory_order order) {
    return value_.compare_exchange_strong(expected, desired, order, on_failure(order));
  }

  T fetch_add(T amount, memory_order order) { return value_.fetch_add(amount, order); }
  T fetch_sub(T amount, memory_order order) { return value_.fetch_sub(amount, order); }
  T fetch_or(T bits, memory_order order) { return value_.fetch_or(bits, order); }
  T fetch_and(T bits, memory_order order) { return value_.fetch_and(bits, order); }

 private:
  static constexpr memory_order on_failure(memory_order order) {
    if (order == acq_rel) return acquire;
    if (order == release) return relaxed;
    return order;
  }

  std::atomic<T> value_{};
};

inline void fence(memory_order order) { std::atomic_thread_fence(order); }

}  // namespace weft
