#include "userlib/thread/thread.hh"

#include <algorithm>

#include "userlib/sys/exit.hh"
#include "userlib/sys/foreground.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/thread_number.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace detail {
namespace {

// Whether there is something that may fail in the new thread, or that it reads from its starter.
bool needs_preparation(const thread_options& options) {
  return !options.name.empty() || options.niceness || options.policy || options.cpus;
}

Result<> prepare(const thread_options& options) {
  if (!options.name.empty()) this_thread::set_name(options.name);
  if (options.niceness) TRY(set_niceness(0, *options.niceness));
  if (options.policy) TRY(set_scheduling(0, *options.policy));
  if (options.cpus) TRY(set_cpus(0, *options.cpus));
  return {};
}

void tell_starter(ThreadRecord& record, uint32_t outcome) {
  record.prepared.store(outcome, release);
  futex::wake_one(record.prepared);
}

}  // namespace

void live(ThreadRecord& record) {
  if (needs_preparation(record.options)) {
    if (const auto prepared = prepare(record.options); !prepared) {
      record.error = prepared.error();
      tell_starter(record, ThreadRecord::k_refused);
      return;
    }
    tell_starter(record, ThreadRecord::k_ready);
  }
  if (!record.options.daemon) become_foreground_thread();
  record.run(record.argument);
}

Result<ThreadRecord*> start_thread(const thread_options& options, void (*run)(void*),
                                   void* argument) {
  if (!options.daemon) count_foreground_thread();
  const auto made = make_thread(options, run, argument);
  if (!made) {
    if (!options.daemon) uncount_foreground_thread();
    return made;
  }
  ThreadRecord* record = *made;
  if (!needs_preparation(options)) return record;
  while (record->prepared.load(acquire) == ThreadRecord::k_preparing) {
    futex::wait(record->prepared, ThreadRecord::k_preparing);
  }
  if (record->prepared.load(acquire) == ThreadRecord::k_ready) return record;
  const Errno error = record->error;
  join_thread(record);
  return fail(error);
}

}  // namespace detail

void thread::fail_to_start(Errno error) { throw_error(error, "a thread could not be started"); }

void thread::join() {
  if (!joinable()) throw_error(Errno::inval, "there is no thread to join");
  if (get_id() == this_thread::get_id()) throw_error(Errno::deadlk, "a thread cannot join itself");
  detail::join_thread(std::exchange(record_, nullptr));
}

void thread::detach() {
  if (!joinable()) throw_error(Errno::inval, "there is no thread to detach");
  detail::detach_thread(std::exchange(record_, nullptr));
}

unsigned thread::hardware_concurrency() {
  const auto cpus = get_cpus(0);
  return cpus ? cpus->size() : 1;
}

namespace this_thread {

thread::id get_id() { return thread::id(sys::thread_number()); }
void yield() { (void)sys::sched_yield(); }

void set_name(std::string_view name) {
  char text[16] = {};
  std::copy_n(name.begin(), std::min(name.size(), sizeof text - 1), text);
  (void)sys::prctl(abi::k_pr_set_name, reinterpret_cast<uint64_t>(text), 0, 0, 0);
}

void sleep_until_instant(Instant deadline) {
  const abi::Timespec time = {static_cast<int64_t>(deadline / k_second),
                              static_cast<int64_t>(deadline % k_second)};
  for (;;) {
    const auto slept =
        sys::clock_nanosleep(abi::k_clock_monotonic, abi::k_timer_abstime, &time, nullptr);
    if (slept || slept.error() != Errno::intr) return;
  }
}

}  // namespace this_thread
}  // namespace weft
