// Hints to the CPU about a cache line that goes from one to another. They change nothing but time, and any address
// will do: also that of something that is gone by now.
#pragma once

namespace weft::sys {

// What is to be changed soon, and was changed last on another CPU, comes once, and not first to be read.
[[gnu::always_inline]] inline void fetch_to_change(const void* line) {
  asm volatile("prefetchw %0" ::"m"(*static_cast<const char*>(line)));
}

// What another CPU wants next goes to the cache that all share, half of the way. (Older CPUs do nothing here.)
[[gnu::always_inline]] inline void hand_on(const void* line) {
  asm volatile("cldemote %0" ::"m"(*static_cast<const char*>(line)));
}

}  // namespace weft::sys
