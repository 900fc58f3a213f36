// The event ring: what each CPU did last. Off, an event costs one load and one branch.
#pragma once

#include <cstdint>

#include "core/base/atomic.hh"
#include "core/base/types.hh"

namespace weft::trace {

enum class Kind : uint8_t { switch_to, block, wake, migrate, contend, panic };

// One event; what `subject` is depends on the kind: a thread's id, or the address of an object.
struct Event {
  Instant when = 0;
  uint64_t subject = 0;
  uint64_t thread = 0;  // whose code caused it
  Kind kind{};
};

inline constexpr unsigned k_ring_size = 256;  // events kept for each CPU

extern Atomic<bool> is_on;

void record_event(Kind kind, uint64_t subject);

// Any context. On the hot path when tracing is off, so it is inline.
inline void record(Kind kind, uint64_t subject) {
  if (is_on.load(relaxed)) [[unlikely]]
    record_event(kind, subject);
}

// Writes this CPU's last events to the log, the newest last. Takes no lock: for panics.
void write_last(unsigned count);

}  // namespace weft::trace
