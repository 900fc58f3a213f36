// What programs tell the trace of their own threads of control: an array of these, written to
// /sys/kernel/tracing/trace_marker_raw. (Linux has that file, too, and takes any bytes that begin with a
// number of four: `mark`.)
#pragma once

#include <cstdint>

namespace weft::abi {

inline constexpr uint32_t k_trace_mark = 0x54464557;  // "WEFT"

// What happened; core/trace/event.hh says what the three numbers are. In the same order there.
enum class TraceMarkerKind : uint16_t {
  coroutine_starts,
  coroutine_runs,
  coroutine_parks,
  coroutine_wakes,
  coroutine_is_stolen,
  coroutine_ends,
  worker_sleeps,
  worker_wakes,
  coroutine_is_named,
};

struct TraceMarker {
  uint32_t mark;  // k_trace_mark
  TraceMarkerKind kind;
  uint16_t detail;
  uint64_t when;  // on CLOCK_MONOTONIC; not after the writing
  uint64_t first;
  uint64_t second;
};
static_assert(sizeof(TraceMarker) == 32);

}  // namespace weft::abi
