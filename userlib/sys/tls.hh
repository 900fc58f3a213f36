// Thread-local storage, as the x86-64 ABI lays it out for static programs (variant II):
//
//   block ──> [ padding | the program's .tdata, then zeros for .tbss ][ ThreadControl ]
//                                                                     ^
//                                              %fs points here: variables have negative offsets
//
// Every thread has one such block. The compiler finds a variable at %fs:-offset, the thread's own
// address at %fs:0, and the stack protector's secret at %fs:0x28.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::sys {

struct ThreadControl {
  ThreadControl* self;
  uint64_t reserved[4];
  uint64_t stack_secret;
};
static_assert(offsetof(ThreadControl, stack_secret) == 0x28, "where compilers look for it");

// How many bytes a thread's block takes, from its start to the end of the ThreadControl, and how its
// start must be aligned.
struct TlsSize {
  size_t size;
  size_t alignment;
};
TlsSize tls_size();

// Fills a block of tls_size() for a new thread. The thread's %fs is to be what this returns.
ThreadControl* fill_tls(void* block);

// For the start code: gives the first thread its block and its %fs.
void set_up_first_tls();

}  // namespace weft::sys
