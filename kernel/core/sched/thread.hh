// Thread: the unit of scheduling. This header has what a thread is; scheduler.hh has what is done to
// it, and core/proc/kernel_thread.hh makes new ones (it needs memory).
//
//            start                    pick                 exit
//     New ----------> Runnable <---------------> Running ---------> Dead
//                        ^     yield, preempted     |
//                        | wake                     | block
//                        +-------- Blocked <--------+
//                                  (Waiting, Locked or Sleeping)
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/atomic.hh"
#include "core/base/list.hh"
#include "core/hal.hh"
#include "core/sched/task.hh"
#include "core/sync/lock_check.hh"
#include "core/sync/spin_lock.hh"

namespace weft {

class Waiter;
class Mutex;
class Thread;

enum class ThreadState : uint8_t { fresh, runnable, running, blocked, dead };

// Why a thread is blocked: for something to happen, for a lock somebody holds, or for time to pass.
enum class BlockReason : uint8_t { none, waiting, locked, sleeping };

// "New", "Runnable", "Running", "Waiting", "Locked", "Sleeping", "Dead".
const char* state_name(ThreadState state, BlockReason reason);

// The CPUs a thread may run on: one bit each.
using CpuMask = uint32_t;
inline constexpr CpuMask k_any_cpu = ~CpuMask{0};

// While a thread waits for something that one certain thread has, it lends that one its priority
// (sync/inheritance.hh). It stands where the lender waits. Guarded by the inheritance lock.
struct Loan {
  explicit Loan(Thread& who) : lender(who) {}

  Thread& lender;
  Thread* borrower = nullptr;  // nullptr: nobody yet, or no longer
  ListHook hook;
};

class Thread : public sched::Task {
 public:
  using Entry = void (*)(void* argument);

  explicit Thread(std::string_view name);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  std::string_view name() const { return name_.data(); }
  void set_name(std::string_view name);
  // Never used twice. 0 until it is started, and for idle threads.
  uint64_t id() const { return id_; }
  void set_id(uint64_t id) { id_ = id; }

  // ---- The thread's own: only code that runs as this thread touches these -------------------
  uint32_t preempt_depth = 0;     // above 0 it keeps its CPU (PreemptGuard)
  bool wants_reschedule = false;  // it should give the CPU away as soon as it may
  HeldLocks held_locks;           // sleeping locks, in debug builds

  // ---- Guarded by the lock of the run queue of `cpu` -----------------------------------------
  Atomic<unsigned> cpu{0};  // whose run queue it belongs to; changed under that queue's lock
  ThreadState state = ThreadState::fresh;
  BlockReason block_reason = BlockReason::none;
  Waiter* waiter = nullptr;  // what it is blocked in
  Instant blocked_since = 0;
  bool interrupt_pending = false;  // the next interruptible wait ends at once
  CpuMask cpu_mask = k_any_cpu;
  Nanoseconds cpu_time = 0;                // used so far
  uint64_t switches = 0;                   // how often it was given a CPU
  uint64_t preemptions = 0;                // how often it lost one while it could have gone on
  Atomic<Nanoseconds>* account = nullptr;  // of its process: its CPU time is added there, too
  hal::Context context;

  // ---- Guarded by the inheritance lock (sync/inheritance.hh) ----------------------------------
  Mutex* waits_for = nullptr;     // the mutex it is blocked on,
  Waiter* waits_with = nullptr;   // and its place in that mutex's queue
  Mutex* first_wanted = nullptr;  // the mutexes it owns and others wait for, a chain
  Loan* loan = nullptr;           // what it lends while it waits for anything else
  List<Loan, &Loan::hook> loans;  // what it has borrowed

  // ---- The end: guarded by `exit_lock` --------------------------------------------------------
  SpinLock exit_lock{Rank::wait_queue};
  bool gone = false;         // dead, and off its stack for good
  bool detached = false;     // nobody will join it: the reaper frees it
  int8_t departure = -1;     // it was announced, in this generation (reaper_queue.cc); its own
  Waiter* joiner = nullptr;  // who waits for the end

  // ---- Fixed before it starts -------------------------------------------------------------------
  Entry entry = nullptr;
  void* argument = nullptr;
  hal::UserState* user = nullptr;  // of a process's thread; nullptr for the kernel's own
  void* stack_base = nullptr;
  size_t stack_size = 0;

  ListHook all_hook;   // in the list of all threads
  ListHook dead_hook;  // in the reaper's list

 private:
  static constexpr size_t k_longest_name = 23;

  std::array<char, k_longest_name + 1> name_{};
  uint64_t id_ = 0;
};

}  // namespace weft
