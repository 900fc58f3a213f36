// What tests do with kernel threads all the time.
#pragma once

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/proc/kernel_thread.hh"
#include "core/sched/thread_list.hh"
#include "core/sync/guarded.hh"

namespace weft::host {

// spawn() in a place where it cannot fail.
template <typename Function>
ThreadHandle start(const ThreadOptions& options, Function function) {
  Result<ThreadHandle> made = spawn(options, std::move(function));
  if (!made.has_value()) hal::stop("a test's thread cannot start");
  return std::move(*made);
}

// Some threads that a test starts and joins together.
class Crew {
 public:
  Crew() = default;
  ~Crew() { join(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  template <typename Function>
  Thread& add(const ThreadOptions& options, Function function) {
    members_.push_back(start(options, std::move(function)));
    return *members_.back();
  }
  template <typename Function>
  Thread& add(Function function) {
    return add(ThreadOptions{}, std::move(function));
  }
  // The same function for several threads: function(0), function(1), ...
  template <typename Function>
  void add_many(unsigned count, Function function) {
    for (unsigned i = 0; i < count; ++i) add([function, i] { function(i); });
  }

  void join() {
    for (ThreadHandle& member : members_) member.join();
    members_.clear();
  }

 private:
  std::vector<ThreadHandle> members_;
};

// Who did what in which order: numbers that any thread may add.
class Record {
 public:
  void add(int number) {
    numbers_.with([&](std::vector<int>& numbers) { numbers.push_back(number); });
  }
  std::vector<int> all() {
    return numbers_.with([](std::vector<int>& numbers) { return numbers; });
  }

 private:
  Guarded<std::vector<int>, Rank::log> numbers_;  // so that it can be used under any lock
};

// Until the condition holds: others make it true, of whatever priority, meanwhile.
template <typename Condition>
void await(Condition condition) {
  while (!condition()) sched::sleep_for(50 * k_microsecond);
}

inline bool is_blocked(Thread& thread, BlockReason reason) {
  const sched::ThreadView view = sched::view_thread(thread);
  return view.state == ThreadState::blocked && view.reason == reason;
}
// Until the thread has blocked for that reason.
inline void await_blocked(Thread& thread, BlockReason reason) {
  await([&] { return is_blocked(thread, reason); });
}

}  // namespace weft::host
