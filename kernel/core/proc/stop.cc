#include "core/proc/stop.hh"

#include "core/proc/children.hh"
#include "core/proc/group.hh"
#include "core/proc/send.hh"

namespace weft::proc {

void begin_stop(UserThread& self, int signal) {
  Process& process = self.process;
  SpinGuard tree_guard(tree_lock);
  if (signal != abi::k_sigstop && process.group->is_orphaned()) return;
  SpinGuard guard(process.signal_lock);
  if (!process.stop_was_taken || process.is_ending.load(relaxed) || process.stop_signal != 0)
    return;
  process.stop_signal = signal;
  process.stopped_threads = 0;
  for (UserThread& thread : process.threads) alert(thread);
}

void stop_here(UserThread& self) {
  Process& process = self.process;
  int stopped_by = 0;
  {
    SpinGuard tree_guard(tree_lock);
    {
      SpinGuard guard(process.signal_lock);
      if (process.stop_signal == 0 || process.is_ending.load(relaxed)) return;
      self.is_stopped = true;
      ++process.stopped_threads;
      if (have_all_stopped(process)) stopped_by = process.stop_signal;
    }
    if (stopped_by != 0) report_stop(process, stopped_by);
  }
  SpinGuard guard(process.signal_lock);
  while (self.is_stopped && process.only_thread == nullptr) {
    Waiter waiter(BlockReason::waiting, &process);
    process.goes_on.prepare(waiter);
    process.goes_on.block(waiter);
  }
  self.is_stopped = false;
}

bool go_on(Process& process) {
  process.stop_was_taken = false;
  if (process.stop_signal == 0) return false;
  const bool was_stopped = have_all_stopped(process);
  process.stop_signal = 0;
  process.stopped_threads = 0;
  for (UserThread& thread : process.threads) thread.is_stopped = false;
  process.goes_on.wake_all();
  return was_stopped;
}

bool have_all_stopped(const Process& process) {
  return process.stop_signal != 0 && !process.threads.empty() &&
         process.stopped_threads == process.thread_count.load(relaxed);
}

bool is_stopped(Process& process) {
  SpinGuard guard(process.signal_lock);
  return have_all_stopped(process);
}

void report_stop(Process& process, int signal) {
  report_child(process, abi::k_cld_stopped, status_of_stop(signal));
}

void report_continuation(Process& process) {
  report_child(process, abi::k_cld_continued, k_status_of_continuation);
}

}  // namespace weft::proc
