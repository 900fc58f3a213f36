// In the place of userlib/sys/asymmetric.hh, in the explorer's build: the light half keeps the compiler's
// order and no more, so that whatever the heavy half doesn't bring about shows.
#pragma once

#include "core/base/atomic.hh"

namespace weft::sys {

inline void start_asymmetric_fences() {}
inline void light_fence() { std::atomic_signal_fence(seq_cst); }
void heavy_fence();

}  // namespace weft::sys
