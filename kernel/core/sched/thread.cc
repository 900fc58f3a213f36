#include "core/sched/thread.hh"

#include <algorithm>

namespace weft {

const char* state_name(ThreadState state, BlockReason reason) {
  switch (state) {
    case ThreadState::fresh: return "New";
    case ThreadState::runnable: return "Runnable";
    case ThreadState::running: return "Running";
    case ThreadState::dead: return "Dead";
    case ThreadState::blocked: break;
  }
  switch (reason) {
    case BlockReason::locked: return "Locked";
    case BlockReason::sleeping: return "Sleeping";
    case BlockReason::waiting:
    case BlockReason::none: break;
  }
  return "Waiting";
}

Thread::Thread(std::string_view name) { set_name(name); }

Thread::~Thread() {
  DEBUG_ASSERT(state == ThreadState::fresh || gone, "a thread is gone before it is freed");
}

void Thread::set_name(std::string_view name) {
  const size_t length = std::min(name.size(), k_longest_name);
  std::copy_n(name.data(), length, name_.data());
  name_[length] = '\0';
}

}  // namespace weft
