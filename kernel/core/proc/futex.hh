// Futexes: threads that wait for a word of user memory to change. The word decides; the kernel keeps
// only who waits. A word is the same to all who map it, wherever they do (shared), or is that of one
// address space (private).
//
// Why no wake-up is lost: whoever waits reads the word and comes to the list under one lock; whoever
// wakes has changed the word before it takes that lock to look at the list.
#pragma once

#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::proc {

class Process;
struct UserThread;

inline constexpr uint32_t k_any_bit = ~uint32_t{0};

struct FutexWord {
  VirtAddr address = 0;
  bool is_shared = false;
};

// All of them: Errno::inval for an address that is not a multiple of 4, Errno::fault.

// Sleeps until somebody wakes the word with one of these bits, if it holds `expected`: 0. Errno::again
// if it doesn't, Errno::timedout, Errno::intr.
Result<uint64_t> futex_wait(Process& process, FutexWord word, uint32_t expected, Instant deadline,
                            uint32_t bits);
// Wakes at most so many of those who wait for one of these bits (but one at least); how many.
Result<uint64_t> futex_wake(Process& process, FutexWord word, int32_t most, uint32_t bits);
// Wakes at most `most_woken` and lets at most `most_moved` others wait for the other word from now on;
// how many in all. With `expected`: only if the word holds that, else Errno::again.
Result<uint64_t> futex_requeue(Process& process, FutexWord word, FutexWord other,
                               int32_t most_woken, int32_t most_moved, const uint32_t* expected);
// Changes the other word, wakes at most `most` at the first word, and at most `most_other` at the other
// one if its old value compares as asked; how many in all. `operation` says how (FUTEX_OP in the
// manual). Errno::nosys for one that does not exist.
Result<uint64_t> futex_wake_op(Process& process, FutexWord word, FutexWord other, int32_t most,
                               int32_t most_other, uint32_t operation);

// ---- Words that know their owner (FUTEX_LOCK_PI) ----------------------------------------------------
// Such a word is 0, or the owner's thread id, with FUTEX_WAITERS if somebody waits. Meanwhile the owner
// runs with the waiters' priority (sync/inheritance.hh).

enum class FutexWaits { never, until_deadline };

// The word becomes the caller's. Errno::deadlk if it is already, or if its owner waits for a word of the
// caller's, over others perhaps; Errno::again (never), Errno::timedout, Errno::intr; Errno::srch if its
// owner does not exist.
Result<> futex_lock(UserThread& self, FutexWord word, FutexWaits waits, Instant deadline);
// The word becomes that of the most urgent who waits, or nobody's. Errno::perm if it is not the caller's.
Result<> futex_unlock(UserThread& self, FutexWord word);

// ---- The end of an owner ------------------------------------------------------------------------------

// The running thread ends, or becomes another program: the words on its robust list tell that their
// owner died.
void release_robust_list(UserThread& self);
// Nobody can find the thread by its id any more: those who wait for its words try for themselves.
void wake_futex_heirs(UserThread& thread);

}  // namespace weft::proc
