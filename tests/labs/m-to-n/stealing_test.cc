// Idle workers find work wherever it is. In each test a coroutine keeps its worker busy until another one has run, which
// waits on that very worker: so it must have been taken away from there.
#include <gtest/gtest.h>

#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/semaphore.hh"

namespace weft::coro {
namespace {

constexpr Nanoseconds k_patience = 10 * k_second;
constexpr Options k_two_workers = {.mode = Mode::shared, .workers = 2};

// Keeps the worker. False when nobody has come to help.
bool spin_until(const Atomic<int>& count, int wanted) {
  const Instant end = now() + k_patience;
  while (count.load(acquire) < wanted) {
    if (now() > end) return false;
  }
  return true;
}

TEST(Stealing, TakesWhatWaitsInTheQueue) {
  run(k_two_workers, [] {
    Atomic<int> ran{0};
    auto other = go([&] { ran.fetch_add(1, release); });
    EXPECT_TRUE(spin_until(ran, 1));
    other.join();
  });
}

TEST(Stealing, LosesNobodyOfThoseItTakes) {
  run(k_two_workers, [] {
    Atomic<int> ran{0};
    for (int i = 0; i < 100; ++i) go([&] { ran.fetch_add(1, release); }).detach();
    EXPECT_TRUE(spin_until(ran, 100));
  });
}

TEST(Stealing, TakesWhoWasWokenLast) {
  run(k_two_workers, [] {
    Atomic<int> ran{0};
    Atomic<int> begun{0};
    Atomic<int> over{0};
    counting_semaphore<> key(0);
    // Until it is woken, the other worker has something else to do.
    auto busy = go([&] {
      begun.fetch_add(1, release);
      EXPECT_TRUE(spin_until(over, 1));
    });
    EXPECT_TRUE(spin_until(begun, 1));
    auto waiting = go({.launch = Launch::now}, [&] {
      key.acquire();
      ran.fetch_add(1, release);
    });
    key.release();
    over.fetch_add(1, release);
    EXPECT_TRUE(spin_until(ran, 1));
    waiting.join();
    busy.join();
  });
}

TEST(Stealing, TakesAParentWhoseChildWentFirst) {
  run(k_two_workers, [] {
    Atomic<int> ran{0};
    auto child = go({.launch = Launch::now}, [&] { return spin_until(ran, 1); });
    ran.fetch_add(1, release);
    EXPECT_TRUE(child.join());
  });
}

}  // namespace
}  // namespace weft::coro
