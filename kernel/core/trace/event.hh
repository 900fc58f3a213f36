// What can be traced: the one list of events. The kernel records them, a panic prints them, and the
// tools read this very list out of the kernel's image, so that no second one can contradict it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/types.hh"

namespace weft::trace {

enum class Kind : uint16_t {
  // ---- Who is who ------------------------------------------------------------------------------
  thread_starts,
  thread_is_named,
  thread_belongs,
  thread_ends,
  // ---- The scheduler ---------------------------------------------------------------------------
  switches,
  blocks,
  unblocks,
  wakes,
  migrates,
  waits_for_lock,
  // ---- The machine -----------------------------------------------------------------------------
  timer,
  kicks,
  is_kicked,
  device,
  faults,
  memory,
  // ---- Processes -------------------------------------------------------------------------------
  enters_call,
  leaves_call,
  forks,
  executes,
  exits,
  signals,
  handles_signal,
  argument,
  text,
  // ---- What programs say of their own threads (userlib/coro/trace.hh) ----------------------------
  coroutine_starts,
  coroutine_runs,
  coroutine_parks,
  coroutine_wakes,
  coroutine_is_stolen,
  coroutine_ends,
  worker_sleeps,
  worker_wakes,
  coroutine_is_named,

  panics,
};

inline constexpr Kind k_first_of_programs = Kind::coroutine_starts;
inline constexpr Kind k_last_of_programs = Kind::coroutine_is_named;
inline constexpr size_t k_kinds = static_cast<size_t>(Kind::panics) + 1;

// One event. Which thread caused it and when is common to all; the rest has a meaning for each kind.
struct Event {
  Instant when = 0;
  uint32_t thread = 0;
  Kind kind{};
  uint16_t detail = 0;
  uint64_t first = 0;
  uint64_t second = 0;
};
static_assert(sizeof(Event) == 32);

// The name of a kind, and of what its three numbers are; empty: not used. In the image as it stands
// here: tools/trace reads it.
struct KindText {
  char name[24];
  char detail[16];
  char first[16];
  char second[16];
};

extern "C" const std::array<KindText, k_kinds> weft_trace_kinds;

inline std::string_view name_of(Kind kind) {
  return weft_trace_kinds[static_cast<size_t>(kind)].name;
}

}  // namespace weft::trace
