// Usage: what processes and threads have used of the machine: times(), getrusage(), the CPU clocks.
//
// CPU time is exact: the scheduler adds it up at every switch. How it divides into user and system
// time is estimated, since a clock reading at each entry and exit would cost more than most calls: at
// each tick (10 ms, and whenever else the timer interrupts) the time since the last one counts for the
// mode that was interrupted, and the exact time is divided in that proportion. Without any tick in the
// kernel all of it is user time.
#pragma once

#include "core/abi/process.hh"
#include "core/base/annotations.hh"
#include "core/base/atomic.hh"
#include "core/base/types.hh"
#include "core/sync/spin_lock.hh"

namespace weft::mm {
class AddressSpace;
}

namespace weft::proc {

class Process;
struct UserThread;
extern SpinLock tree_lock;

// Of one thread, or added up over several.
struct Usage {
  Nanoseconds user_time = 0;
  Nanoseconds system_time = 0;
  uint64_t faults = 0;
  uint64_t switches = 0;       // given up the CPU
  uint64_t preemptions = 0;    // lost it
  uint64_t most_resident = 0;  // pages; of several, the largest

  void add(const Usage& other);
};

// Time that was seen to pass at ticks.
struct SampledTime {
  Atomic<Nanoseconds> user{0};
  Atomic<Nanoseconds> system{0};
};

// What a process keeps.
struct UsageAccount {
  Atomic<Nanoseconds> cpu_time{0};  // of all threads, up to their last switch
  SampledTime sampled;
  Usage ended_threads GUARDED_BY(tree_lock);  // but for their CPU time
  Usage children GUARDED_BY(tree_lock);       // those that were waited for, with their children
};

// Now.
Usage usage_of(UserThread& thread);
Usage usage_of(Process& process) REQUIRES(tree_lock);
// CPU time; of the running process to the nanosecond, of others up to the last switch or tick.
Nanoseconds cpu_time_of(Process& process);
Nanoseconds user_time_of(Process& process);

// The running thread ends: what it used stays with its process.
void keep_usage(UserThread& thread) REQUIRES(tree_lock);
// The running process lets that memory of its go.
void keep_most_resident(Process& process, const mm::AddressSpace& memory);

// From now on ticks are counted. Once.
void start_ticks();

abi::ResourceUsage to_resource_usage(const Usage& usage);

}  // namespace weft::proc
