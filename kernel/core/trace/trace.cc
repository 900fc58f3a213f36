#include "core/trace/trace.hh"

#include <array>

#include "core/base/assert.hh"
#include "core/base/format.hh"
#include "core/hal.hh"
#include "core/sched/thread.hh"

namespace weft::trace {

Atomic<bool> is_on{WEFT_DEBUG != 0};

namespace {

// Written by its CPU alone, with interrupts off.
struct Ring {
  std::array<Event, k_ring_size> events;
  uint64_t count = 0;
};

std::array<Ring, hal::k_max_cpus> rings;

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::switch_to: return "switch to thread";
    case Kind::block: return "block on";
    case Kind::wake: return "wake thread";
    case Kind::migrate: return "migrate thread";
    case Kind::contend: return "wait for lock";
    case Kind::panic: return "panic";
  }
  return "?";
}

}  // namespace

void record_event(Kind kind, uint64_t subject) {
  const bool were_on = hal::irq_save();
  Ring& ring = rings[hal::cpu_id()];
  ring.events[ring.count % k_ring_size] = {hal::now(), subject, hal::current()->id(), kind};
  ++ring.count;
  hal::irq_restore(were_on);
}

void write_last(unsigned count) {
  const Ring& ring = rings[hal::cpu_id()];
  const uint64_t first = ring.count > count ? ring.count - count : 0;
  hal::write_log(Text<60>("last events of CPU {}:\n", hal::cpu_id()).view());
  for (uint64_t i = first; i < ring.count; ++i) {
    const Event& event = ring.events[i % k_ring_size];
    hal::write_log(Text<100>("  {:>10} us  thread {}: {} {:x}\n", event.when / k_microsecond,
                             event.thread, kind_name(event.kind), event.subject)
                       .view());
  }
}

}  // namespace weft::trace
