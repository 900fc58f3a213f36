// Run:      safety deadlock
// Look for: each thread holds one lock and waits for the other's, for ever; two ways out.
// Why:      two locks in two orders make a circle. One order for all has no circle; lock() holds nothing while it waits.
#include "userlib/base/print.hh"
#include "userlib/bin/demos/safety.hh"
#include "userlib/thread/barrier.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

constexpr int k_times = 1000;

}  // namespace

void show_deadlock() {
  timed_mutex a;
  timed_mutex b;
  barrier both_hold_one(2);
  barrier both_gave_up(2);
  Atomic<int> stuck{0};
  // With a bound, so that this program can go on and tell; with lock() it would stand for ever.
  const auto take = [&](timed_mutex& first, timed_mutex& second) {
    const lock_guard guard(first);
    both_hold_one.arrive_and_wait();
    const unique_lock other(second, 20ms);
    if (!other) stuck.fetch_add(1, relaxed);
    both_gave_up.arrive_and_wait();  // nobody lets go before the other has seen it
  };
  thread other([&] { take(b, a); });
  take(a, b);
  other.join();
  print("  two orders: {} of 2 threads are stuck\n", stuck.load(relaxed));

  int count = 0;
  const auto in_one_order = [&] {
    for (int i = 0; i < k_times; ++i) {
      const lock_guard first(a);
      const lock_guard second(b);
      ++count;
    }
  };
  thread third(in_one_order);
  in_one_order();
  third.join();
  print("  one order for all: {} of {} done\n", count, 2 * k_times);

  count = 0;
  const auto together = [&](timed_mutex& first, timed_mutex& second) {
    for (int i = 0; i < k_times; ++i) {
      const scoped_lock guard(first, second);
      ++count;
    }
  };
  thread fourth([&] { together(b, a); });
  together(a, b);
  fourth.join();
  print("  both at once, named in any order: {} of {} done\n", count, 2 * k_times);
}

}  // namespace weft
