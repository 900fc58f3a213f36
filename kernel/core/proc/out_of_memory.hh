// When no frame is left for a page that a program touches, one process has to go.
//
// The rule: it is the one with the most memory in its page table, and never the first process. Memory
// counts in steps of a 1024th of the machine's; of equals it is the one that began last, so that a
// crowd of small ones, which have used it up together, goes before those that were there already.
// While one is on its way out, no other is chosen; and it goes first at the CPU. Whoever found no
// memory waits until it is gone, and tries again.
#pragma once

#include "core/base/types.hh"

namespace weft::proc {

struct UserThread;

struct MemoryUse {
  uint64_t pages = 0;
  Instant began = 0;
};
// The rule for two.
constexpr bool goes_before(const MemoryUse& one, const MemoryUse& other, uint64_t machines_pages) {
  const uint64_t step = machines_pages / 1024 + 1;
  if (one.pages / step != other.pages / step) return one.pages > other.pages;
  return one.began > other.began;
}

// The running thread found no memory. True if it should try again; false if it is its own process that
// ends, or if there is nobody left to end (then its own is). Blocks. A system call must not wait for
// ever, since the process that ends may want a lock that the call holds: false, too, if nothing comes.
bool relieve_memory(UserThread& self, bool in_system_call);

// A process has given its memory back: who waits for some tries again.
void note_memory_came_back();

// May another process or thread begin? Not with the last of the memory: those that there are will want
// some, too. Tries to get back what is kept in store.
bool has_memory_for_another();

}  // namespace weft::proc
