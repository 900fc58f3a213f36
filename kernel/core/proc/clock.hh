// Clocks as programs name them: the fixed ones, and the CPU clocks of any process or thread, whose
// number is made of its id.
#pragma once

#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::proc {

struct UserThread;

// What a clock counts.
enum class ClockKind { real, monotonic, process_cpu, thread_cpu };

struct Clock {
  ClockKind kind = ClockKind::monotonic;
  int32_t id = 0;                  // of a CPU clock: whose; 0: the caller's own
  bool has_timers = true;          // one can wait for it
  bool is_user_time_only = false;  // a CPU clock that counts user time

  bool counts_cpu_time() const { return kind >= ClockKind::process_cpu; }
};

// Errno::inval if there is no such clock. (Whether the process or thread exists, reading tells.)
Result<Clock> find_clock(int32_t number);
// Errno::inval if it is the CPU clock of somebody who does not exist, or of another process's thread.
Result<Nanoseconds> read_clock(UserThread& self, const Clock& clock);

// When that clock, which is not a CPU clock, has reached that time.
Instant instant_of(ClockKind kind, Nanoseconds time);

}  // namespace weft::proc
