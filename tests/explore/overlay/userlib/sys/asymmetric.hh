// In the place of userlib/sys/asymmetric.hh, in the explorer's build: the light half keeps the compiler's
// order and no more, so that whatever the heavy half doesn't bring about shows.
#pragma once

#include <cstdint>

#include "core/base/atomic.hh"

namespace weft::sys {

inline void start_asymmetric_fences() {}
inline void light_fence() { std::atomic_signal_fence(seq_cst); }
inline void surely_light_fence() { light_fence(); }
void heavy_fence();
inline bool has_light_fences() { return true; }
// A scenario can't wait for long until it begins.
inline constexpr uint32_t k_times_for_a_heavy_fence = 2;

}  // namespace weft::sys
