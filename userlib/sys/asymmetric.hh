// A fence in two unequal halves, for where one side runs all the time and the other one seldom.
//
// Two threads that each write one word and then read the other's need a full fence between, both of them,
// or both may read what was there before: some twenty cycles each time. Here the frequent side's half costs
// nothing but that the compiler keeps the order, since the rare side's half makes every CPU that runs a
// thread of this process do a full fence (membarrier(); some microseconds). So
//
//     frequent                      rare
//     mine.store(1, relaxed);       yours.store(1, relaxed);
//     light_fence();                heavy_fence();
//     yours.load(relaxed);          mine.load(relaxed);
//
// at least one of the two sees the other's 1. Two light halves promise each other nothing.
#pragma once

#include <cstdint>

#include "core/base/atomic.hh"

namespace weft::sys {

// Before there are threads that use them. Until then, and where the kernel has no such barrier, both
// halves are full fences.
void start_asymmetric_fences();

namespace detail {
[[gnu::visibility("hidden")]] extern constinit bool has_asymmetric_fences;
}  // namespace detail

// Does a light half cost less than a whole fence? (Not with ThreadSanitizer; but it shall see what others use then.)
bool has_light_fences();

// Who has gone a way of atomic instructions so many times may go over to one of light halves. The heavy half that ends
// it takes no longer than what has been before, two such instructions each time: 15 us, with two busy virtual CPUs.
// So whatever comes, all takes at most twice as long.
inline constexpr uint32_t k_times_for_a_heavy_fence = 1024;

[[gnu::always_inline]] inline void light_fence() {
  if (detail::has_asymmetric_fences) [[likely]] {
    std::atomic_signal_fence(seq_cst);
  } else {
    fence(seq_cst);
  }
}
// For who has asked has_light_fences().
[[gnu::always_inline]] inline void surely_light_fence() {
#if defined(WEFT_TSAN)
  fence(seq_cst);
#else
  std::atomic_signal_fence(seq_cst);
#endif
}
void heavy_fence();

}  // namespace weft::sys
