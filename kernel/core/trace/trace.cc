#include "core/trace/trace.hh"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "core/base/assert.hh"
#include "core/base/format.hh"
#include "core/hal.hh"
#include "core/sched/thread.hh"

namespace weft::trace {

extern "C" {
constinit Control weft_trace_control;
}

constinit Atomic<bool> is_on{WEFT_DEBUG != 0};
constinit Atomic<bool> with_arguments{false};

// Where the launcher looks for them.
static_assert(offsetof(Control, ring_size) == 8 && offsetof(Control, block_size) == 16);
static_assert(offsetof(Control, cpus) == 24 && offsetof(Control, rings) == 64);
static_assert(offsetof(Ring, lost) == 8 && offsetof(Ring, block_count) == 16);
static_assert(offsetof(Ring, blocks) == 24 && offsetof(Ring, taken) == 576);

namespace {

using Recorder = std::array<Event, k_kept_events>;
constinit std::array<Recorder, hal::k_max_cpus> recorders;

Event& place_of(unsigned cpu, uint64_t number) {
  const Ring& ring = weft_trace_control.rings[cpu];
  if (ring.block_count == 0) return recorders[cpu][number % k_kept_events];
  const PhysAddr block = ring.blocks[number / k_block_events & (ring.block_count - 1)];
  return static_cast<Event*>(hal::phys_to_virt(block))[number % k_block_events];
}

// There are places again from ring.place on: up to the end of the recorder or of a block, or of what the
// launcher has taken. False: there is no room, and one more event is lost. (It leaves the registers alone, so that
// whoever needs no new run has none to save.)
[[gnu::noinline, clang::preserve_most]] bool begin_run(unsigned cpu, uint64_t number) {
  Ring& ring = weft_trace_control.rings[cpu];
  const uint64_t in_block = ring.block_count == 0 ? k_kept_events : k_block_events;
  uint64_t room = in_block;
  if (ring.block_count != 0) {
    room = ring.block_count * k_block_events - (number - ring.taken.load(acquire));
    if (room == 0) {
      ring.lost.store(ring.lost.load(relaxed) + 1, relaxed);
      return false;
    }
  }
  ring.place = &place_of(cpu, number);
  ring.run_end = number + std::min(room, in_block - number % in_block);
  return true;
}

// Has the event written where it belongs. It is whole in memory before the launcher can see that it is there.
[[gnu::always_inline]] inline void append(auto write) {
  const bool were_on = hal::irq_save();
  const unsigned cpu = hal::cpu_id();
  Ring& ring = weft_trace_control.rings[cpu];
  const uint64_t number = ring.written.load(relaxed);
  if (number != ring.run_end || begin_run(cpu, number)) [[likely]] {
    write(*ring.place++);
    ring.written.store(number + 1, release);
  }
  hal::irq_restore(were_on);
}

using Chars = std::array<uint64_t, 2>;

// As much of the text as one event takes.
Chars chars_of(std::string_view text) {
  Chars chars{};
  std::memcpy(chars.data(), text.data(), std::min(text.size(), sizeof(chars)));
  return chars;
}

}  // namespace

void record_event(Kind kind, uint64_t first, uint64_t second, uint16_t detail) {
  append([&](Event& event) {
    event = {.when = hal::now(),
             .thread = static_cast<uint32_t>(hal::current()->id()),
             .kind = kind,
             .detail = detail,
             .first = first,
             .second = second};
  });
}

void record_name(uint64_t thread, std::string_view name) {
  if (!is_on.load(relaxed)) return;
  const Chars chars = chars_of(name);
  record_whole({.when = hal::now(),
                .thread = static_cast<uint32_t>(thread),
                .kind = Kind::thread_is_named,
                .first = chars[0],
                .second = chars[1]});
}

void record_text(Kind kind, std::string_view text, unsigned detail) {
  if (!is_on.load(relaxed)) return;
  do {
    const Chars chars = chars_of(text);
    record_event(kind, chars[0], chars[1], static_cast<uint16_t>(detail));
    text.remove_prefix(std::min(text.size(), sizeof(Chars)));
  } while (!text.empty());
}

void record_whole(const Event& event) {
  append([&](Event& place) { place = event; });
}

void use_stream(unsigned cpu, std::span<const PhysAddr> blocks) {
  Ring& ring = weft_trace_control.rings[cpu];
  std::ranges::copy(blocks, ring.blocks.begin());
  ring.written.store(0, relaxed);
  ring.run_end = 0;
  ring.block_count = blocks.size();
  weft_trace_control.cpus.store(std::max<uint64_t>(weft_trace_control.cpus.load(relaxed), cpu + 1),
                                release);
}

void use_recorder(unsigned cpu) {
  Ring& ring = weft_trace_control.rings[cpu];
  ring.block_count = 0;
  ring.written.store(0, relaxed);
  ring.taken.store(0, relaxed);
  ring.run_end = 0;
  weft_trace_control.cpus.store(0, relaxed);
}

namespace {

// "switches to 7, queued 2, state 1": what the kind has no name for is left out.
Text<160> describe(const Event& event) {
  const KindText& kind = weft_trace_kinds[static_cast<size_t>(event.kind)];
  Text<160> text("{}", static_cast<const char*>(kind.name));
  if (kind.first[0] != '\0') format(text, " {:x}", event.first);
  if (kind.second[0] != '\0')
    format(text, ", {} {:x}", static_cast<const char*>(kind.second), event.second);
  if (kind.detail[0] != '\0')
    format(text, ", {} {}", static_cast<const char*>(kind.detail), event.detail);
  return text;
}

}  // namespace

void write_last(unsigned count) {
  const unsigned cpu = hal::cpu_id();
  const uint64_t end = weft_trace_control.rings[cpu].written.load(relaxed);
  const uint64_t first = end > count ? end - count : 0;
  hal::write_log(Text<60>("last events of CPU {}:\n", cpu).view());
  for (uint64_t number = first; number < end; ++number) {
    const Event& event = place_of(cpu, number);
    hal::write_log(Text<220>("  {:>10} us  thread {}: {}\n", event.when / k_microsecond,
                             event.thread, describe(event).view())
                       .view());
  }
}

}  // namespace weft::trace
