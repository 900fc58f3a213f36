#include "tracing.hh"

#include <algorithm>
#include <array>
#include <bit>

#include "core/base/options.hh"
#include "core/mm/page_frames.hh"
#include "core/trace/trace.hh"
#include "dev/power.hh"

namespace weft {
namespace {

// Of the memory for all CPUs' events: as many blocks for each.
size_t blocks_for_each_cpu() {
  const size_t blocks = kernel_options.trace_size / trace::k_block_size / hal::cpu_count();
  return std::bit_floor(std::clamp<size_t>(blocks, 1, trace::k_most_blocks));
}

void make_streams() {
  static_assert(trace::k_block_size == mm::PageFrames::k_largest_block);
  const size_t count = blocks_for_each_cpu();
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    std::array<PhysAddr, trace::k_most_blocks> blocks;
    for (PhysAddr& block : std::span(blocks).first(count)) {
      const auto memory = mm::page_frames.allocate(mm::PageFrames::k_largest_order);
      if (!memory.has_value()) dev::refuse_to_start("too little memory: there is none for a trace");
      block = *memory;
    }
    trace::use_stream(cpu, std::span(blocks).first(count));
  }
}

}  // namespace

void start_tracing() {
  if (!kernel_options.trace) return;
  if (kernel_options.trace_size != 0) make_streams();
  trace::with_arguments.store(kernel_options.trace_arguments, relaxed);
  trace::is_on.store(*kernel_options.trace, relaxed);
}

}  // namespace weft
