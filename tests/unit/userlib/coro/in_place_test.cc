// Waiting in place: who stops where its worker has nothing else to do, and how it is woken there.
#include <gtest/gtest.h>

#include "userlib/coro/channel/channel.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/worker.hh"
#include "userlib/sys/spin.hh"

namespace weft::coro {
namespace {

constexpr Options k_two{.mode = Mode::shared, .workers = 2};

TEST(WaitingInPlace, OnlyWhoWaitsInPlaceIsWokenThere) {
  Coroutine block;
  block.context.resume_at.store(k_in_place, relaxed);
  EXPECT_TRUE(Worker::wake_in_place(block));
  EXPECT_EQ(block.context.resume_at.load(relaxed), k_running);
  for (const uintptr_t mark : {k_running, k_called, k_stackless, k_thread, uintptr_t{0x1000}}) {
    block.context.resume_at.store(mark, relaxed);
    EXPECT_FALSE(Worker::wake_in_place(block));
    EXPECT_EQ(block.context.resume_at.load(relaxed), mark);
  }
}

// In place from the moment on in which it can be woken: so it never is in a queue while it still runs.
TEST(WaitingInPlace, WhoIsWokenBeforeItStopsDoesNotStop) {
  coro::run(k_two, [] {
    Coroutine& me = self();
    Waiter waiter;
    waiter.prepare(Reason::other);
    EXPECT_EQ(me.context.resume_at.load(relaxed), k_in_place);
    ASSERT_TRUE(claim(me, Park::woken));
    unpark(me);
    EXPECT_FALSE(this_worker()->has_something());
    EXPECT_EQ(park(nullptr), Wake::woken);
    EXPECT_EQ(me.context.resume_at.load(relaxed), k_running);
  });
}

TEST(WaitingInPlace, AWaitThatIsTakenBackLeavesNoMark) {
  coro::run(k_two, [] {
    Coroutine& me = self();
    Waiter waiter;
    waiter.prepare(Reason::other);
    take_back_wait(me);
    EXPECT_EQ(me.context.resume_at.load(relaxed), k_running);
    EXPECT_EQ(me.park.load(relaxed), Park::none);
    EXPECT_EQ(me.reason, Reason::none);
  });
}

// The waker never lets go of its worker, so the other one is woken on its own, in place or wherever it is by then.
TEST(WaitingInPlace, ABusyWakerIsAnsweredEachTime) {
  constexpr int k_rounds = 3000;
  coro::run(k_two, [] {
    counting_semaphore<> ready(0);
    Atomic<int> seen{0};
    auto other = go([&] {
      for (int round = 1; round <= k_rounds; ++round) {
        ready.acquire();
        seen.store(round, release);
      }
    });
    for (int round = 1; round <= k_rounds; ++round) {
      ready.release();
      while (seen.load(acquire) != round) sys::relax();
    }
    other.join();
  });
}

// Pairs that talk, which are called together, beside wakers that stay busy, whose partners stay where they are.
TEST(WaitingInPlace, TalksAndOrdersThatChangeAllTheTimeLoseNothing) {
  constexpr int k_rounds = 2000;
  long sum = 0;
  coro::run(k_two, [&] {
    channel<int> there(0);
    channel<int> back(0);
    auto other = go([&] {
      while (auto value = there.receive()) (void)back.send(*value + 1);
    });
    for (int round = 0; round < k_rounds; ++round) {
      (void)there.send(round);
      if (round % 3 == 0) sys::linger(static_cast<uint32_t>(round % 100));
      sum += *back.receive();
    }
    there.close();
    other.join();
  });
  EXPECT_EQ(sum, long{k_rounds} * (k_rounds + 1) / 2);
}

// A time-out and a cancellation come to who waits in place as a wake does.
TEST(WaitingInPlace, ACancellationFindsWhoWaitsInPlace) {
  constexpr int k_rounds = 300;
  coro::run(k_two, [] {
    for (int round = 0; round < k_rounds; ++round) {
      counting_semaphore<> never(0);
      Atomic<bool> waits{false};
      auto other = go([&] {
        waits.store(true, release);
        return never.acquire_until(k_never);
      });
      while (!waits.load(acquire)) {
        sys::relax();
        yield();
      }
      sys::linger(static_cast<uint32_t>(round % 50));
      other.cancel();
      EXPECT_EQ(other.join(), Wake::cancelled);
    }
  });
}

}  // namespace
}  // namespace weft::coro
