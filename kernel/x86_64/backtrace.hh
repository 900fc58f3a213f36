// Who called whom: by the chain of frame pointers. Each function's frame starts with the caller's
// rbp and the return address above it; entry.S makes such a pair for interrupted code, too.
#pragma once

#include <span>

#include "core/base/types.hh"

namespace weft::x86 {

// The return addresses along the chain that starts there, the innermost first; how many there were.
size_t follow_frames(VirtAddr frame_pointer, std::span<uintptr_t> addresses);

}  // namespace weft::x86
