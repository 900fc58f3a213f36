// Run:      safety atomicity
// Look for: two threads add 1000 each; without a lock the sum is too small.
// Why:      "add one" is read, add, write. Who reads before the other writes overwrites its work.
#include "userlib/base/print.hh"
#include "userlib/bin/demos/safety.hh"
#include "userlib/thread/barrier.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr int k_each = 1000;

template <typename Step>
void run_two(Step step) {
  const auto body = [&] {
    for (int i = 0; i < k_each; ++i) step();
  };
  thread other(body);
  body();
  other.join();
}

}  // namespace

void show_atomicity() {
  // Each step is atomic, the three together are not. The barrier makes the bad luck certain: both have
  // read before one of them writes.
  Atomic<int> broken{0};
  barrier both(2);
  run_two([&] {
    const int seen = broken.load(relaxed);
    both.arrive_and_wait();
    broken.store(seen + 1, relaxed);
    both.arrive_and_wait();
  });
  print("  without a lock: {} of {}\n", broken.load(relaxed), 2 * k_each);

  int guarded = 0;
  mutex lock;
  run_two([&] {
    const lock_guard guard(lock);
    guarded = guarded + 1;
  });
  print("  under a mutex: {} of {}\n", guarded, 2 * k_each);

  Atomic<int> atomic{0};
  run_two([&] { atomic.fetch_add(1, relaxed); });
  print("  in one atomic step: {} of {}\n", atomic.load(relaxed), 2 * k_each);
}

}  // namespace weft
