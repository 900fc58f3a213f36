// The event rings: what each CPU did last. Off, an event costs one load and one branch.
//
// Each CPU has a ring that it alone writes, with interrupts off, so nobody locks anything. A ring is
// one of two things:
//   a flight recorder   small, the newest events overwrite the oldest; a panic prints the last ones
//   a stream            large; the launcher looks into the machine's memory and takes the events out
//                       as they come. What finds no room is counted as lost, and nothing taken from it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/base/atomic.hh"
#include "core/hal.hh"
#include "core/trace/event.hh"

namespace weft::trace {

inline constexpr size_t k_block_size = size_t{4} << 20;  // of memory for a stream
inline constexpr size_t k_block_events = k_block_size / sizeof(Event);
inline constexpr size_t k_most_blocks = 64;   // for each CPU
inline constexpr size_t k_kept_events = 256;  // by a flight recorder, for each CPU

// One CPU's ring. Event number n stands in block n / k_block_events % block_count (of a flight
// recorder: in its only block, at n % k_kept_events). The launcher reads it (tools/trace/channel.py):
// the order of the members is part of what the two have agreed on.
struct Ring {
  Atomic<uint64_t> written{0};  // events so far
  Atomic<uint64_t> lost{0};     // that found no room; not among those written
  uint64_t block_count = 0;     // a power of two; 0: a flight recorder
  std::array<PhysAddr, k_most_blocks> blocks{};
  Event* place = nullptr;                 // of the next event, if its number is below run_end:
  uint64_t run_end = 0;                   // till there nothing but counting is to be done
  alignas(64) Atomic<uint64_t> taken{0};  // by the launcher
};

// Found by its name in the image.
struct Control {
  std::array<char, 8> mark{'W', 'E', 'F', 'T', 'T', 'R', 'C', '1'};
  uint64_t ring_size = sizeof(Ring);
  uint64_t block_size = k_block_size;
  Atomic<uint64_t> cpus{0};  // that have rings to take from; 0: nothing is streamed
  std::array<Ring, hal::k_max_cpus> rings;
};

extern "C" Control weft_trace_control;

extern Atomic<bool> is_on;
// Is the trace a stream that the launcher takes? A flight recorder keeps to what the kernel does.
inline bool is_streaming() {
  return is_on.load(relaxed) && weft_trace_control.cpus.load(relaxed) != 0;
}
// Whether system calls are recorded with all their arguments and texts (strace).
extern Atomic<bool> with_arguments;

// (The debugger counts events in this and in record_whole(): neither is inlined.)
[[gnu::noinline]] void record_event(Kind kind, uint64_t first, uint64_t second, uint16_t detail);

// Any context. On the hot path when tracing is off, so it is inline.
inline void record(Kind kind, uint64_t first = 0, uint64_t second = 0, unsigned detail = 0) {
  if (hal::is_set(is_on)) [[unlikely]]
    record_event(kind, first, second, static_cast<uint16_t>(detail));
}

// The name that a thread has, which need not be the running one.
void record_name(uint64_t thread, std::string_view name);
// Text of any length, in as many events as it needs, of a kind that has chars.
void record_text(Kind kind, std::string_view text, unsigned detail = 0);

// An event that says itself whose it is, and of when.
[[gnu::noinline]] void record_whole(const Event& event);

// That CPU's ring becomes a stream through these blocks, which stay its own; their number is a power
// of two. Before there is a second CPU.
void use_stream(unsigned cpu, std::span<const PhysAddr> blocks);
// The ring is a flight recorder again, and empty, as tests find it.
void use_recorder(unsigned cpu);

// Writes this CPU's last events to the log, the newest last. Takes no lock: for panics.
void write_last(unsigned count);

}  // namespace weft::trace
