// barrier: a place where a group of threads waits until all have come; then all go on, and it begins
// anew. The last to come runs the completion function first. Names and behaviour are the standard's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/assert.hh"
#include "userlib/sys/futex.hh"

namespace weft {
namespace detail {

struct NoCompletion {
  void operator()() const noexcept {}
};

}  // namespace detail

template <typename Completion = detail::NoCompletion>
class barrier {
 public:
  // The phase in which somebody arrived.
  class arrival_token {
    friend class barrier;
    explicit arrival_token(uint32_t phase) : phase_(phase) {}
    uint32_t phase_;
  };

  static constexpr ptrdiff_t max() { return INT32_MAX; }

  constexpr explicit barrier(ptrdiff_t expected, Completion completion = {})
      : expected_(static_cast<uint32_t>(expected)),
        missing_(static_cast<uint32_t>(expected)),
        completion_(std::move(completion)) {
    ASSERT(expected >= 0 && expected <= max(), "a barrier expects as many as it can count");
  }
  barrier(const barrier&) = delete;
  barrier& operator=(const barrier&) = delete;

  // Counts as that many, and does not wait.
  [[nodiscard]] arrival_token arrive(ptrdiff_t amount = 1) {
    ASSERT(amount > 0 && amount <= max(), "no more arrive at a barrier than are expected");
    const arrival_token token(phase_.load(relaxed));  // it cannot change before we have come
    const auto count = static_cast<uint32_t>(amount);
    const uint32_t before = missing_.fetch_sub(count, acq_rel);
    ASSERT(before >= count, "no more arrive at a barrier than are expected");
    if (before == count) begin_anew();
    return token;
  }
  void wait(arrival_token&& token) const {
    while (phase_.load(acquire) == token.phase_) futex::wait(phase_, token.phase_);
  }
  void arrive_and_wait() { wait(arrive()); }
  // Comes for the last time: the next phases expect one less.
  void arrive_and_drop() {
    expected_.fetch_sub(1, relaxed);  // the arrival orders it before the last one's reading
    (void)arrive();
  }

 private:
  // In the last to come; all others wait or are elsewhere, and nobody can arrive before the new phase.
  void begin_anew() {
    completion_();
    missing_.store(expected_.load(relaxed), relaxed);
    phase_.fetch_add(1, release);
    futex::wake_all(phase_);
  }

  Atomic<uint32_t> expected_;  // in each phase
  Atomic<uint32_t> missing_;   // in this one
  mutable Atomic<uint32_t> phase_{0};
  [[no_unique_address]] Completion completion_;
};

}  // namespace weft
