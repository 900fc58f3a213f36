// The few calls about processes that need more than a stub.
#pragma once

#include <cstdint>

#include "core/abi/signal.hh"
#include "core/base/result.hh"

// In start.S and clone.S. All keep to the C calling convention; answers are those of the raw calls.
extern "C" void weft_signal_restorer();
extern "C" [[gnu::returns_twice]] int64_t weft_vfork();
extern "C" int64_t weft_clone(uint64_t flags, void* stack_top, int32_t* parent_tid,
                              int32_t* child_tid, void* tls, void (*entry)(void*), void* argument);
extern "C" [[noreturn]] void weft_unmap_and_exit(void* base, uint64_t size);

namespace weft::sys {

using SignalHandler = void (*)(int signal);

// Runs the handler when the signal comes.
// `flags` are abi::k_sa_restart and the like.
Result<> on_signal(int signal, SignalHandler handler, uint64_t flags);
Result<> default_signal(int signal);
Result<> ignore_signal(int signal);

// What wait4 reports about a child.
constexpr bool has_exited(int status) { return (status & 0x7f) == 0; }
constexpr int exit_code(int status) { return status >> 8 & 0xff; }
constexpr bool was_killed(int status) { return (status & 0x7f) != 0 && (status & 0x7f) != 0x7f; }
constexpr int killing_signal(int status) { return status & 0x7f; }
constexpr bool has_stopped(int status) { return (status & 0xff) == 0x7f; }
constexpr int stopping_signal(int status) { return status >> 8 & 0xff; }
constexpr bool has_continued(int status) { return status == 0xffff; }

}  // namespace weft::sys
