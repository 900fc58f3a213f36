// Cpu: what the core keeps for each CPU: its run queue, its timers, its idle thread.
#pragma once

#include <array>

#include "core/hal.hh"
#include "core/sched/run_queue.hh"
#include "core/sched/thread.hh"
#include "core/sched/timer.hh"
#include "core/sync/lock_check.hh"
#include "core/trace/trace.hh"

namespace weft::sched {

// What a CPU has done; written by that CPU only.
struct CpuCounts {
  uint64_t switches = 0;
  uint64_t steals = 0;
  uint64_t timer_interrupts = 0;
  uint64_t kicks = 0;
};

struct alignas(128) Cpu {
  Cpu() : idle("idle") {}

  // The machine's timer fires at `deadline` or earlier. Interrupts are off; this CPU only.
  void arm_no_later_than(Instant deadline) {
    if (deadline >= armed_for) return;
    armed_for = deadline;
    hal::arm_timer(deadline);
  }

  unsigned id = 0;
  Instant armed_for = k_never;  // this CPU's own
  Instant last_tick = 0;        // this CPU's own
  HeldLocks spin_locks;         // this CPU's own; debug builds
  CpuCounts counts;
  RunQueue queue;
  TimerQueue timers;
  Thread idle;
};

extern std::array<Cpu, hal::k_max_cpus> cpus;

// Mean something while the CPU cannot change: interrupts off.
inline Cpu& this_cpu() { return cpus[hal::cpu_id()]; }
inline bool is_this_cpu(const Cpu& cpu) { return cpu.id == hal::cpu_id(); }

// The thread that runs on that CPU should give way. Interrupts are off.
void request_reschedule(Cpu& cpu) REQUIRES(cpu.queue.lock);
// Others wait for that CPU: the running thread's turn gets an end, at that instant.
inline void request_turn_end(Cpu& cpu, Instant end) REQUIRES(cpu.queue.lock) {
  if (is_this_cpu(cpu)) {
    cpu.arm_no_later_than(end);
  } else if (cpu.queue.queued() == 1) {
    trace::record(trace::Kind::kicks, 0, 0, cpu.id);
    hal::kick_cpu(cpu.id);  // only a CPU itself can arm its timer
  }
}

}  // namespace weft::sched
