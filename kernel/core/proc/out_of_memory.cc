#include "core/proc/out_of_memory.hh"

#include "core/base/log.hh"
#include "core/mm/page_frames.hh"
#include "core/proc/process.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/send.hh"
#include "core/sched/scheduler.hh"

namespace weft::proc {
namespace {

constexpr Nanoseconds k_pause = k_millisecond;
constexpr unsigned k_most_pauses = 200;

struct Choice {
  Process* process = nullptr;  // to end; nullptr if there is none
  bool is_on_its_way = false;  // somebody is ending already, and still has memory
};

Choice choose() REQUIRES(tree_lock) {
  Choice choice;
  uint64_t most = 0;
  for (Process* process = next_process(0); process != nullptr;
       process = next_process(process->pid)) {
    if (process == first_process || !process->memory) continue;
    if (process->is_ending.load(acquire)) return {nullptr, true};
    const uint64_t pages = process->memory->resident_pages();
    if (choice.process != nullptr && pages <= most) continue;
    choice.process = process;
    most = pages;
  }
  return choice;
}

bool has_memory() {
  constexpr uint64_t k_enough = 64;  // frames: for the page, and for tables on the way
  const mm::FrameStats stats = mm::page_frames.stats();
  return stats.free + stats.cached >= k_enough;
}

}  // namespace

bool relieve_memory(UserThread& self, bool in_system_call) {
  {
    SpinGuard guard(tree_lock);
    if (self.process.is_ending.load(acquire)) return false;
    Choice choice = choose();
    if (choice.process == nullptr && !choice.is_on_its_way) choice.process = &self.process;
    if (choice.process != nullptr) {
      log::warn("out of memory: process {}, with {} pages, is ended", choice.process->pid,
                choice.process->memory->resident_pages());
      (void)send_locked(*choice.process, nullptr, info_from_kernel(abi::k_sigkill));
    }
    if (choice.process == &self.process) return false;
  }
  for (unsigned pauses = 0; pauses < k_most_pauses; ++pauses) {
    sched::sleep_for(k_pause);
    if (has_memory()) return true;
    if (self.process.is_ending.load(acquire)) return false;
  }
  return !in_system_call;
}

}  // namespace weft::proc
