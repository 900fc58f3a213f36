// Semaphores, latch, event, barrier, once.
#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>

#include "unit/userlib/thread/team.hh"
#include "userlib/thread/barrier.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/latch.hh"
#include "userlib/thread/once.hh"
#include "userlib/thread/semaphore.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

TEST(Semaphore, HandsOutAsManyKeysAsThereAre) {
  counting_semaphore keys(3);
  Atomic<int> inside{0};
  Atomic<int> most{0};
  run_team(6, [&](unsigned own) {
    for (int i = 0; i < 1000; ++i) {
      if (own % 2 == 0) {
        keys.acquire();
      } else if (!keys.try_acquire_for(std::chrono::microseconds(i % 40))) {
        continue;
      }
      const int now = inside.fetch_add(1, relaxed) + 1;
      int seen = most.load(relaxed);
      while (now > seen && !most.compare_exchange(seen, now, relaxed)) {
      }
      inside.fetch_sub(1, relaxed);
      keys.release();
    }
  });
  EXPECT_LE(most.load(relaxed), 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(keys.try_acquire());
  EXPECT_FALSE(keys.try_acquire());
}

TEST(Semaphore, TakesTurns) {
  binary_semaphore ping(1);
  binary_semaphore pong(0);
  int turns = 0;
  run_team(2, [&](unsigned own) {
    for (int i = 0; i < 3000; ++i) {
      (own == 0 ? ping : pong).acquire();
      EXPECT_EQ(turns % 2, static_cast<int>(own));
      ++turns;
      (own == 0 ? pong : ping).release();
    }
  });
  EXPECT_EQ(turns, 6000);
}

TEST(Semaphore, ManyAtOnceWakeAsMany) {
  counting_semaphore keys(0);
  std::vector<thread> team;
  for (int i = 0; i < 5; ++i) team.emplace_back([&] { keys.acquire(); });
  for (const thread& each : team) wait_until_asleep(each);
  keys.release(2);
  keys.release(3);
  for (thread& each : team) each.join();
  EXPECT_FALSE(keys.try_acquire());
}

TEST(Semaphore, MayGoWhenItsKeyWasSeen) {
  for (int round = 0; round < 500; ++round) {
    auto done = std::make_unique<binary_semaphore>(0);
    thread other([&] { done->release(); });
    done->acquire();
    done.reset();
    other.join();
  }
}

TEST(Semaphore, TimesAreNotTooShort) {
  counting_semaphore none(0);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(none.try_acquire_for(2ms));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
  EXPECT_FALSE(none.try_acquire_until(std::chrono::system_clock::now()));
}

TEST(Semaphore, StaysWithinItsBounds) {
  EXPECT_EQ(binary_semaphore::max(), 1);
  EXPECT_DEATH(binary_semaphore(2), "a count that it can have");
  EXPECT_DEATH(counting_semaphore<>(-1), "a count that it can have");
  EXPECT_DEATH(bounded_semaphore(-1), "a count that it can have");
  EXPECT_DEATH(counting_semaphore<>(0).release(-1), "stays within its maximum");
  EXPECT_DEATH(
      {
        binary_semaphore full(1);
        full.release();
      },
      "stays within its maximum");
  bounded_semaphore keys(2);
  EXPECT_FALSE(keys.try_release());
  EXPECT_THROW(keys.release(), std::system_error);
  keys.acquire();
  EXPECT_TRUE(keys.try_acquire());
  EXPECT_FALSE(keys.try_acquire());
  EXPECT_FALSE(keys.try_acquire_for(1us));
  EXPECT_FALSE(keys.try_acquire_until(std::chrono::steady_clock::now()));
  EXPECT_FALSE(keys.try_release(3));
  EXPECT_FALSE(keys.try_release(-1));
  EXPECT_FALSE(keys.try_release(ptrdiff_t{1} << 32));
  keys.release(2);
  EXPECT_FALSE(keys.try_release());
}

TEST(Gates, ExpectNoMoreThanTheyCanCount) {
  EXPECT_DEATH(latch(-1), "expects as many as it can count");
  EXPECT_DEATH(latch(latch::max() + 1), "expects as many as it can count");
  EXPECT_DEATH(latch(1).count_down(ptrdiff_t{1} << 32), "counts down to zero");
  EXPECT_DEATH(barrier(-1), "expects as many as it can count");
  EXPECT_DEATH((void)barrier(1).arrive(ptrdiff_t{1} << 32), "than are expected");
}

TEST(Latch, OpensWhenAllHaveCome) {
  latch gate(3);
  Atomic<int> came{0};
  EXPECT_FALSE(gate.try_wait());
  run_team(3, [&](unsigned) {
    came.fetch_add(1, relaxed);
    gate.arrive_and_wait();
    EXPECT_EQ(came.load(relaxed), 3);
  });
  EXPECT_TRUE(gate.try_wait());
  EXPECT_DEATH(gate.count_down(), "counts down to zero");
}

TEST(Event, WakesAllThatWait) {
  event happened;
  EXPECT_FALSE(happened.is_set());
  EXPECT_FALSE(happened.wait_for(1us));
  EXPECT_FALSE(happened.wait_until(std::chrono::system_clock::now()));
  std::vector<thread> team;
  for (int i = 0; i < 4; ++i) team.emplace_back([&] { happened.wait(); });
  for (const thread& each : team) wait_until_asleep(each);
  happened.set();
  happened.clear();  // they go on all the same
  for (thread& each : team) each.join();
  EXPECT_FALSE(happened.is_set());
  happened.set();
  happened.set();
  EXPECT_TRUE(happened.is_set());
  happened.wait();
  EXPECT_TRUE(happened.wait_for(0s));
}

TEST(Event, PublishesWhatCameBefore) {
  event go;
  event done;
  int value = 0;
  thread other([&] {
    for (int i = 1; i <= 500; ++i) {
      go.wait();
      go.clear();
      EXPECT_EQ(value, i);
      done.set();
    }
  });
  for (int i = 1; i <= 500; ++i) {
    value = i;
    go.set();
    done.wait();
    done.clear();
  }
  other.join();
}

TEST(Barrier, NobodyRunsAhead) {
  constexpr int k_team = 4;
  int completed = 0;
  barrier meeting(k_team, [&] { ++completed; });
  Atomic<int> arrived{0};
  run_team(k_team, [&](unsigned own) {
    for (int phase = 1; phase <= 300; phase += 2) {
      arrived.fetch_add(1, relaxed);
      if (own == 0) {
        meeting.wait(meeting.arrive());
      } else {
        meeting.arrive_and_wait();
      }
      EXPECT_EQ(completed, phase);
      EXPECT_EQ(arrived.load(relaxed), (phase + 1) / 2 * k_team);
      meeting.arrive_and_wait();
    }
  });
  EXPECT_EQ(completed, 300);
}

TEST(Barrier, GoesOnWithoutThoseWhoLeft) {
  int completed = 0;
  barrier meeting(3, [&] { ++completed; });
  run_team(3, [&](unsigned own) {
    for (unsigned phase = 0; phase < own * 10; ++phase) meeting.arrive_and_wait();
    meeting.arrive_and_drop();
  });
  EXPECT_EQ(completed, 21);
}

TEST(Once, OneRunsAndTheOthersWait) {
  for (int round = 0; round < 50; ++round) {
    once_flag flag;
    int value = 0;
    run_team(4, [&](unsigned) {
      call_once(flag, [&](int amount) { value += amount; }, 7);
      EXPECT_EQ(value, 7);
    });
  }
}

TEST(Once, AnExceptionLetsTheNextOneTry) {
  once_flag flag;
  Atomic<int> attempts{0};
  Atomic<int> thrown{0};
  run_team(4, [&](unsigned) {
    try {
      call_once(flag, [&] {
        if (attempts.fetch_add(1, relaxed) < 2) throw std::runtime_error("not yet");
      });
    } catch (const std::runtime_error&) {
      thrown.fetch_add(1, relaxed);
    }
  });
  EXPECT_EQ(attempts.load(relaxed), 3);
  EXPECT_EQ(thrown.load(relaxed), 2);
}

}  // namespace
}  // namespace weft
