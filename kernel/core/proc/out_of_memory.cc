#include "core/proc/out_of_memory.hh"

#include "core/base/log.hh"
#include "core/mm/memory.hh"
#include "core/mm/page_frames.hh"
#include "core/proc/process.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/send.hh"
#include "core/sched/scheduler.hh"

namespace weft::proc {
namespace {

struct Choice {
  Process* process = nullptr;  // to end; nullptr if there is none
  bool is_on_its_way = false;  // somebody is ending already, and still has memory
};

Choice choose() REQUIRES(tree_lock) {
  Choice choice;
  MemoryUse most;
  for (Process* process = next_process(0); process != nullptr;
       process = next_process(process->pid)) {
    if (process == first_process || !process->memory) continue;
    if (process->is_ending.load(acquire)) return {nullptr, true};
    const MemoryUse use{.pages = process->memory->resident_pages(), .began = process->started};
    if (choice.process != nullptr && !goes_before(use, most, mm::page_frames.total())) continue;
    choice.process = process;
    most = use;
  }
  return choice;
}

void end_for_its_memory(Process& process) REQUIRES(tree_lock) {
  log::warn("out of memory: process {}, with {} pages, is ended", process.pid,
            process.memory->resident_pages());
  (void)send_locked(process, nullptr, info_from_kernel(abi::k_sigkill));
  SpinGuard guard(process.signal_lock);
  for (UserThread& thread : process.threads) sched::set_nice(thread.thread, sched::k_least_nice);
}

// Sees to it that somebody ends. False if that is the running thread's process.
bool choose_and_end(UserThread& self) {
  SpinGuard guard(tree_lock);
  if (self.process.is_ending.load(acquire)) return false;
  Choice choice = choose();
  if (choice.process == nullptr && !choice.is_on_its_way) choice.process = &self.process;
  if (choice.process != nullptr) end_for_its_memory(*choice.process);
  return choice.process != &self.process;
}

struct Ends {
  SpinLock lock{Rank::wait_queue};
  WaitQueue waiters GUARDED_BY(lock){lock};
  uint64_t count GUARDED_BY(lock) = 0;  // of those who gave memory back
};
[[clang::no_destroy]] constinit Ends ends;

uint64_t count_of_ends() {
  SpinGuard guard(ends.lock);
  return ends.count;
}

Outcome wait_for_another_end(uint64_t seen, WaitLimit limit) {
  Waiter waiter(BlockReason::waiting, &ends);
  SpinGuard guard(ends.lock);
  if (ends.count != seen) return Outcome::woken;
  ends.waiters.prepare(waiter);
  return ends.waiters.block(waiter, limit);
}

}  // namespace

bool relieve_memory(UserThread& self, bool in_system_call) {
  constexpr Nanoseconds k_patience = 200 * k_millisecond;
  WaitLimit limit{.deadline = in_system_call ? hal::now() + k_patience : k_never,
                  .interruptible = true};
  for (;;) {
    const uint64_t seen = count_of_ends();
    if (!choose_and_end(self)) return false;
    switch (wait_for_another_end(seen, limit)) {
      case Outcome::timed_out: return false;
      case Outcome::interrupted:
        if (!in_system_call) return true;  // the signal comes first
        limit.interruptible = false;       // only the end of its process would matter
        break;
      default: break;
    }
    if (mm::page_frames.has_for_programs()) {
      note_memory_came_back();  // there may be enough for the next one, too
      return true;
    }
  }
}

void note_memory_came_back() {
  SpinGuard guard(ends.lock);
  ++ends.count;
  ends.waiters.wake_one();
}

bool has_memory_for_another() {
  if (mm::page_frames.has_plenty()) return true;
  mm::trim();
  return mm::page_frames.has_plenty();
}

}  // namespace weft::proc
