// What the self-tests do with threads all the time.
#pragma once

#include <array>

#include "core/proc/kernel_thread.hh"
#include "core/sched/thread_list.hh"
#include "core/sync/event.hh"

namespace weft::selftest {

// spawn() where it cannot fail.
template <typename Function>
ThreadHandle start(const ThreadOptions& options, Function function) {
  Result<ThreadHandle> made = spawn(options, std::move(function));
  if (!made) panic("a self-test has no memory for its threads");
  return std::move(*made);
}

// Threads that a test starts together and joins together.
template <size_t k_most>
class Crew {
 public:
  Crew() = default;
  ~Crew() { join(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  template <typename Function>
  Thread& add(const ThreadOptions& options, Function function) {
    ASSERT(count_ < k_most, "a crew has room for all its threads");
    members_[count_] = start(options, std::move(function));
    return *members_[count_++];
  }
  template <typename Function>
  Thread& add(Function function) {
    return add(ThreadOptions{}, std::move(function));
  }
  // function(0), function(1), ..., each in a thread of its own.
  template <typename Function>
  void add_many(unsigned count, Function function) {
    for (unsigned i = 0; i < count; ++i) add([function, i] { function(i); });
  }

  void join() {
    while (count_ > 0) members_[--count_].join();
  }

 private:
  std::array<ThreadHandle, k_most> members_;
  size_t count_ = 0;
};

constexpr CpuMask only_cpu(unsigned cpu) { return CpuMask{1} << cpu; }
inline unsigned last_cpu() { return hal::cpu_count() - 1; }

// The thread moves to that CPU, and stays there while this lives.
class PinnedTo {
 public:
  explicit PinnedTo(unsigned cpu) { may_use(only_cpu(cpu)); }
  ~PinnedTo() { may_use(k_any_cpu); }
  PinnedTo(const PinnedTo&) = delete;
  PinnedTo& operator=(const PinnedTo&) = delete;

 private:
  static void may_use(CpuMask mask) {
    if (!sched::set_cpu_mask(*hal::current(), mask)) panic("there is no such CPU");
  }
};

// Until the condition holds. What makes it true must not depend on the time.
template <typename Condition>
void await(Condition condition) {
  while (!condition()) sched::sleep_for(20 * k_microsecond);
}

inline void await_blocked(Thread& thread, BlockReason reason) {
  await([&] {
    const sched::ThreadView view = sched::view_thread(thread);
    return view.state == ThreadState::blocked && view.reason == reason;
  });
}

// Keeps the CPU busy until the running thread has used that much of its time.
inline void work(Nanoseconds duration) {
  Thread& self = *hal::current();
  const Nanoseconds end = sched::cpu_time(self) + duration;
  while (sched::cpu_time(self) < end) hal::relax();
}

}  // namespace weft::selftest
