// Run:      greedy
// Look for: threads that never let go, more than there are CPUs; the modest one gets its turns all the same.
// Why:      a timer interrupts whoever runs, and the scheduler lets the next one go on: it is preemptive.
#include <atomic>

#include "userlib/base/print.hh"
#include "userlib/base/vector.hh"
#include "userlib/bin/tools.hh"
#include "userlib/thread/thread.hh"

namespace weft {

int greedy_main(Arguments) {
  constexpr int k_turns = 20;
  Atomic<bool> stop{false};
  Vector<thread> greedy;
  for (unsigned i = 0; i <= thread::hardware_concurrency(); ++i) {
    greedy.push_back(thread([&] {
      while (!stop.load(relaxed)) std::atomic_signal_fence(std::memory_order_relaxed);
    }));
  }
  int turns = 0;
  for (; turns < k_turns; ++turns) this_thread::yield();
  print("as many greedy threads as there are CPUs, and one more\n");
  print("the modest one let others go first {} times, and is done\n", turns);
  stop.store(true, relaxed);
  for (thread& each : greedy) each.join();
  print("the greedy ones end when they see the flag: none of them ever yielded\n");
  return 0;
}

}  // namespace weft
