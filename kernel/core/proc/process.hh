// Process: what the threads of a program share, and its place in the tree of processes.
//
//   fork -> alive -- its last thread ends --> ended (a zombie: pid and status) -- parent waits --> gone
//
// One lock, tree_lock, guards the whole tree: parents, children, ids and how processes have ended.
// It is held for a few steps at a time, however many processes there are.
#pragma once

#include "core/base/format.hh"
#include "core/base/list.hh"
#include "core/base/ref.hh"
#include "core/base/result.hh"
#include "core/fs/descriptor_table.hh"
#include "core/fs/file_context.hh"
#include "core/ipc/system_v/undo.hh"
#include "core/mm/address_space.hh"
#include "core/mm/page_frames.hh"
#include "core/proc/identity.hh"
#include "core/proc/limits.hh"
#include "core/proc/pid_table.hh"
#include "core/proc/signal_actions.hh"
#include "core/proc/timers.hh"
#include "core/proc/usage.hh"
#include "core/proc/user_thread.hh"
#include "core/sched/wait_queue.hh"

namespace weft::ipc {
class Terminal;
}

namespace weft::proc {

extern SpinLock tree_lock;

class Process : public RefCounted {
 public:
  Process() = default;
  static void last_reference_gone(Process& process);

  // ---- Its threads' own, but changed under tree_lock, since others may look at them -----------------
  Ref<mm::AddressSpace> memory;
  Ref<fs::DescriptorTable> files;
  Ref<fs::FileContext> file_context;  // its working folder and umask
  Ref<fs::File> program;              // what it runs
  const Instant started = hal::now();

  // One of these parts, for somebody else (/proc); empty when the process has ended.
  template <typename T>
  Ref<T> look_at(Ref<T> Process::* part) {
    SpinGuard guard(tree_lock);
    return this->*part;
  }
  template <typename T>
  void change(Ref<T> Process::* part, Ref<T> value) {
    SpinGuard guard(tree_lock);
    std::swap(this->*part, value);
  }

  // ---- Its threads' own ---------------------------------------------------------------------------
  Identity identity;
  bool may_dump = true;  // only kept and told

  // ---- Read and set by anybody, without a lock ----------------------------------------------------
  Limits limits;
  ipc::system_v::UndoList semaphore_undo;
  UsageAccount usage;  // some of it guarded by tree_lock
  CpuTimerQueue cpu_timers;
  Atomic<Timers*> timers{nullptr};  // nullptr until it wants one

  // ---- Guarded by tree_lock -----------------------------------------------------------------------
  int32_t pid = 0;
  Group* group = nullptr;         // with its session; until it is waited for
  Process* parent = nullptr;      // nullptr: the first one
  Atomic<int32_t> parent_pid{0};  // read without the lock
  Process* lender = nullptr;      // whose memory it borrows, and who waits meanwhile (vfork)
  bool has_ended = false;
  Text<k_longest_name> last_name;    // of its last thread, when it has ended
  bool has_executed = false;         // a program of its own
  bool is_anchor = false;            // counts in its group's anchors
  bool is_subreaper = false;         // gets the orphans among its descendants
  int exit_signal = abi::k_sigchld;  // what its end sends to its parent; 0: nothing
  int parent_end_signal = 0;         // what its parent's end sends to it; 0: nothing
  int report = 0;  // a stop or continuation not yet waited for, as a status; 0: none

  // Its controlling terminal, if that still says so: ipc/process_hooks.hh.
  ipc::Terminal* terminal = nullptr;
  uint32_t terminal_tenure = 0;

  ListHook sibling_hook;
  ListHook report_hook;
  ListHook group_hook;
  List<Process, &Process::sibling_hook> children;  // alive
  List<Process, &Process::sibling_hook> ended;     // and not yet waited for
  List<Process, &Process::report_hook> reports;    // alive, with a report
  WaitQueue child_changed{tree_lock};              // and for a thread that wants to be the only one
  fs::PollSource end_source;                       // for those who watch its end

  // ---- Guarded by signal_lock ---------------------------------------------------------------------
  SpinLock signal_lock{Rank::signals};
  PendingSignals pending;      // for whichever thread takes them
  Ref<SignalActions> actions;  // changes only while it has one thread, under tree_lock too
  int status = 0;              // as wait4() tells it; fixed when it has ended
  int stop_signal = 0;         // its threads are to stop, or have; 0: they run
  uint32_t stopped_threads = 0;
  bool stop_was_taken = false;     // a thread takes a stop signal just now, and nothing undid it
  WaitQueue goes_on{signal_lock};  // for threads that have stopped
  WaitQueue signal_readers{signal_lock};  // for those who read signals from a descriptor
  fs::PollSource signal_arrived;

  // ---- Changed under both locks -------------------------------------------------------------------
  List<UserThread, &UserThread::process_hook> threads;
  Atomic<uint32_t> thread_count{0};
  Atomic<bool> is_ending{false};      // its threads are to end before they run on in user mode
  UserThread* only_thread = nullptr;  // all others are to end: it executes a program
};

// ---- Beginning ------------------------------------------------------------------------------------

// The first process, 1, with one thread that has not started; it begins in the kernel, with `run`,
// whose argument is the UserThread. Errno::nomem.
Result<UserThread*> make_first_process(void (*run)(void*));
// A new process like the caller's. The child's registers are `registers`, its answer 0. With
// `shares_memory` (vfork) this returns when the child has its own memory, or has ended.
// Errno::again, Errno::nomem.
struct CloneRequest {
  bool shares_memory = false;
  bool shares_files = false;
  bool shares_file_context = false;
  bool shares_actions = false;
  bool parent_waits = false;
  bool is_sibling = false;  // a child of the caller's parent
  int exit_signal = abi::k_sigchld;
  VirtAddr stack = 0;             // 0: the same address
  const uint64_t* tls = nullptr;  // a new FS base
  VirtAddr parent_tid = 0;        // where to store the new id, in the parent
  VirtAddr child_tid = 0;         // and in the child
  VirtAddr clear_child_tid = 0;
  VirtAddr pidfd = 0;  // where to store a descriptor for the child
};
Result<int32_t> fork(UserThread& self, const Registers& registers, const CloneRequest& request);
// A new thread in the caller's process; its id.
Result<int32_t> start_thread(UserThread& self, const Registers& registers,
                             const CloneRequest& request);

// ---- The end --------------------------------------------------------------------------------------

// The running thread ends; with the last one, the process does, with that status.
[[noreturn]] void end_thread(int status);
// All threads of the running process end.
[[noreturn]] void end_process(int status);
// All other threads of the running process end before this returns, and the caller has the process's
// number. Errno::again if another thread ends the process or does the same.
Result<> end_other_threads(UserThread& self);
// The function that is told the status of the first process when it ends. It does not return.
void when_first_process_ends(void (*then)(int status));

// ---- Finding --------------------------------------------------------------------------------------

// Who has the number; nullptr if nobody has. A process may have ended, a thread lives.
Process* find_process(int32_t pid) REQUIRES(tree_lock);
UserThread* find_thread(int32_t tid) REQUIRES(tree_lock);
// The process with the lowest number above that one; nullptr if there is none.
Process* next_process(int32_t pid) REQUIRES(tree_lock);
// How many processes and threads there have ever been.
uint64_t tasks_begun() REQUIRES(tree_lock);
// How many threads there are in all processes.
int32_t user_thread_count() REQUIRES(tree_lock);
// How much memory is free and used once everybody has given back what he only keeps in store. Slow.
mm::FrameStats settled_memory();

// The process no longer uses its parent's memory (vfork).
void return_borrowed_memory(Process& process);

}  // namespace weft::proc
