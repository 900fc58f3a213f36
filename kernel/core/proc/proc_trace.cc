// /sys/kernel/tracing/trace_marker_raw: programs put events of their own into the trace.
#include <algorithm>
#include <array>

#include "core/abi/trace_marker.hh"
#include "core/fs/io_buffer.hh"
#include "core/proc/proc_texts.hh"
#include "core/trace/trace.hh"

namespace weft::proc {
namespace {

constexpr auto k_first = static_cast<uint16_t>(trace::k_first_of_programs);
constexpr auto k_last = static_cast<uint16_t>(trace::k_last_of_programs);
static_assert(k_last - k_first == static_cast<int>(abi::TraceMarkerKind::coroutine_is_named));

bool is_valid(const abi::TraceMarker& marker) {
  return marker.mark == abi::k_trace_mark && static_cast<uint16_t>(marker.kind) <= k_last - k_first;
}

void record(const abi::TraceMarker& marker) {
  trace::record_whole(
      {.when = std::min(marker.when, hal::now()),
       .thread = static_cast<uint32_t>(hal::current()->id()),
       .kind = static_cast<trace::Kind>(k_first + static_cast<uint16_t>(marker.kind)),
       .detail = marker.detail,
       .first = marker.first,
       .second = marker.second});
}

}  // namespace

Result<size_t> take_trace_markers(fs::IoBuffer& from) {
  if (!trace::is_streaming()) return fail(Errno::badf);
  std::array<abi::TraceMarker, 16> markers;
  size_t moved = 0;
  while (from.left() > 0) {
    const size_t bytes = from.take(markers.data(), std::min(from.left(), sizeof(markers)));
    const size_t count = bytes / sizeof(abi::TraceMarker);
    for (const abi::TraceMarker& marker : std::span(markers).first(count)) {
      if (!is_valid(marker)) return moved == 0 ? fail(Errno::inval) : Result<size_t>(moved);
      record(marker);
      moved += sizeof marker;
    }
    if (bytes % sizeof(abi::TraceMarker) == 0 && bytes > 0) continue;
    return moved == 0 && !from.met_bad_address() ? fail(Errno::inval) : from.result(moved);
  }
  return moved;
}

}  // namespace weft::proc
