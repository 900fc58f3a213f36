// Futexes: threads that wait for a word of user memory to change. The word decides; the kernel keeps
// only who waits. A word is the same to all who map it, wherever they do (shared), or is that of one
// address space (private).
#pragma once

#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::proc {

class Process;

inline constexpr uint32_t k_any_bit = ~uint32_t{0};

// Sleeps until somebody wakes the word with one of these bits, if it holds `expected`. Errno::again
// if it doesn't, Errno::fault, Errno::timedout, Errno::intr.
Result<> futex_wait(Process& process, VirtAddr word, bool is_shared, uint32_t expected,
                    Instant deadline, uint32_t bits);
// Wakes at most so many of those who wait for one of these bits; how many.
Result<uint32_t> futex_wake(Process& process, VirtAddr word, bool is_shared, uint32_t most,
                            uint32_t bits);

}  // namespace weft::proc
