// The list of robust locks that a thread holds. The kernel walks it when the thread dies, however it
// dies, and marks each lock: so whoever waits for one learns that nobody will let it go.
//
// The layout is the kernel's and the C library's. So in the hosted library our locks hang in the C
// library's own list, beside its own:
//
//   a lock:   [ word | 20 bytes | previous | next ]
//                                             ^ an entry of the list is the address of a `next`;
//                                               the word stands 32 bytes before it
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/atomic.hh"

namespace weft::detail {

// A `next`: the address of the following one; in the last, that of the head's.
struct RobustEntry {
  RobustEntry* next = nullptr;
};

// What a robust lock begins with. It may lie in memory that is shared: the links mean something in the
// process that holds the lock only, and only its thread follows them, and the kernel when that dies.
struct RobustLock {
  Atomic<uint32_t> word{0};
  uint32_t reserved[5] = {};
  RobustEntry* previous = nullptr;
  RobustEntry entry;
};
inline constexpr int64_t k_robust_word = -32;
static_assert(offsetof(RobustLock, entry) == -k_robust_word, "where the kernel looks for the word");

// Around each change of a lock's word: if the thread dies in between, when the list is not right yet or
// not any more, the kernel looks at this lock as well.
class RobustChange {
 public:
  explicit RobustChange(RobustLock& lock);
  ~RobustChange();
  RobustChange(const RobustChange&) = delete;
  RobustChange& operator=(const RobustChange&) = delete;
};

// When the lock has become ours, and before it is let go; both inside a RobustChange.
void add_robust_lock(RobustLock& lock);
void remove_robust_lock(RobustLock& lock);

// In the child of a fork: it holds nothing, and the kernel does not know its list yet.
void forget_robust_list();

}  // namespace weft::detail
