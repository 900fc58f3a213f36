#include "core/proc/user_thread.hh"

#include <algorithm>

#include "core/mm/address_space.hh"
#include "core/mm/user_memory.hh"
#include "core/proc/kernel_thread.hh"
#include "core/proc/process.hh"
#include "core/trace/trace.hh"

namespace weft::proc {
namespace {

void run_user_thread(void* argument) {
  const auto& self = *static_cast<UserThread*>(argument);
  // As on Linux, a bad address is nobody's business but the program's.
  if (self.set_child_tid != 0) {
    (void)mm::copy_to_user(self.set_child_tid, &self.tid, sizeof self.tid);
  }
  trace::record(trace::Kind::thread_belongs, static_cast<uint64_t>(self.process.pid),
                static_cast<uint64_t>(self.tid));
  Registers registers = self.start_registers;
  hal::enter_user(registers);
}

// A new thread is scheduled as the one that makes it, unless that asked for the opposite.
void inherit_scheduling(ThreadOptions& options, SchedulingWords& words) {
  const Thread& parent = *hal::current();
  options.cpu_mask = parent.cpu_mask;
  words = current_thread().scheduling;
  if (!words.resets_on_fork) {
    options.priority = parent.priority;
    options.nice = parent.nice;
    return;
  }
  words = {.nice = std::max<int32_t>(words.nice, 0)};
  options.nice = words.nice;
}

}  // namespace

//   base                                                               base + size
//   | stack, grows down <----- Registers of the program | UserThread | Thread record |
//                                                       ^ stack_top
Result<UserThread*> make_user_thread(Process& process, std::string_view name) {
  ThreadOptions options{.name = name};
  SchedulingWords words;
  if (hal::current()->user != nullptr) inherit_scheduling(options, words);
  const detail::NewThread made = TRY(detail::make_thread(options, sizeof(UserThread)));
  static_assert(alignof(UserThread) <= 64, "the record's place is aligned to 64 bytes");
  auto* thread = ::new (made.closure) UserThread(*made.thread, process);
  made.thread->entry = run_user_thread;
  made.thread->argument = thread;
  thread->stack_top = made.closure;
  thread->scheduling = words;
  made.thread->account = &process.usage.cpu_time;
  return thread;
}

void discard_user_thread(UserThread& thread) { detail::discard_thread(thread.thread); }

void start_user_thread(UserThread& thread) {
  thread.root = thread.process.memory->root();
  thread.thread.user = &thread;
  Thread& kernel_thread = thread.thread;
  sched::start(kernel_thread);
  ThreadHandle(kernel_thread).detach();
}

}  // namespace weft::proc
