// Which CPU a thread runs on. Three things keep the CPUs evenly busy: a thread that wakes or starts
// goes to an idle CPU; a CPU that goes idle steals from the others; and a CPU with a longer queue
// pushes a thread to a shorter one now and then.
#pragma once

#include "core/sched/cpu.hh"

namespace weft::sched {

// This CPU takes part from now on.
void enter_service(Cpu& cpu);

// A CPU of the mask, `preferred` if possible. The mask allows one that is in service.
inline unsigned find_cpu(CpuMask mask, unsigned preferred);
// Where a thread that becomes Runnable should go: `home` if that is idle, or else an idle CPU, or
// else `home`; within its mask. An idle CPU that is chosen counts as busy from then on.
inline unsigned choose_cpu(const Thread& thread, unsigned home);
bool has_cpu_in_service(CpuMask mask);

// Wakes one idle CPU of the mask, if there is one, so that it looks for work to steal.
inline void kick_idle_cpu(CpuMask mask);
// Called by the idle thread, with interrupts off: returns when this CPU may have something to run;
// steals or halts until then.
void wait_for_work(Cpu& cpu);
// The idle thread is about to give the CPU to another.
void leave_idle(const Cpu& cpu);
// Called by this CPU's timer: pushes a thread to a CPU that has less to do, if it is time to look.
void push_to_less_busy(Cpu& cpu, Instant now);

// Puts a Runnable thread that is on no queue onto the queue of thread.cpu, or of another CPU if its
// mask forbids that one. Whoever took the thread off its queue, or made it Runnable, calls this, once.
// No run queue is locked.
void place(Thread& thread, Arrival why);

// ---- Where no CPU is idle, as on a busy machine, these are short -------------------------------

// CPUs that have nothing to run and look for nothing any more. A CPU puts itself in; who gives it
// work, or kicks it, takes it out first, so that two threads don't go to the same idle CPU.
extern Atomic<CpuMask> idle_cpus;

unsigned find_other_cpu(CpuMask mask);
unsigned find_cpu(CpuMask mask, unsigned preferred) {
  return (mask >> preferred & 1) != 0 ? preferred : find_other_cpu(mask);
}

unsigned choose_idle_cpu(const Thread& thread, unsigned home);
unsigned choose_cpu(const Thread& thread, unsigned home) {
  if ((idle_cpus.load(seq_cst) & thread.cpu_mask) != 0) return choose_idle_cpu(thread, home);
  return find_cpu(thread.cpu_mask, home);
}

// choose_cpu() would say so, and at once.
inline bool should_stay(const Thread& thread, unsigned home) {
  if ((thread.cpu_mask >> home & 1) == 0) [[unlikely]]
    return false;
  return (idle_cpus.load(seq_cst) & thread.cpu_mask) == 0;
}

void kick_one_of(CpuMask mask);
void kick_idle_cpu(CpuMask mask) {
  if ((idle_cpus.load(seq_cst) & mask) != 0) kick_one_of(mask);
}

}  // namespace weft::sched
