// Broken promises and the end of the machine. Everyone uses it.
#pragma once

// 1 in debug builds.
#ifndef WEFT_DEBUG
#define WEFT_DEBUG 0
#endif

namespace weft {

// Stops the machine and tells why: reason, thread, registers, backtrace, held locks, last events.
[[noreturn]] void panic(const char* reason, const char* file = __builtin_FILE(),
                        int line = __builtin_LINE()) noexcept;

}  // namespace weft

// For what only a bug in this kernel can break. The message says which promise was broken.
#define ASSERT(condition, promise)               \
  do {                                           \
    if (!(condition)) [[unlikely]]               \
      ::weft::panic("broken promise: " promise); \
  } while (0)

// The same, for checks too dear for a release build's hot paths.
#if WEFT_DEBUG
#define DEBUG_ASSERT(condition, promise) ASSERT(condition, promise)
#else
#define DEBUG_ASSERT(condition, promise) static_cast<void>(0)
#endif
