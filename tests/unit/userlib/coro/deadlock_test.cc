// Who waits for whom: circles are found and told, and so is that nobody is left to wake anybody.
#include "userlib/coro/deadlock.hh"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "userlib/coro/channel/channel.hh"
#include "userlib/coro/list.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/scope.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/once.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/thread/thread.hh"

namespace weft::coro {
namespace {

// A pipe, read when all is over, or until some text has come.
class Report {
 public:
  Report() { EXPECT_EQ(pipe(ends_), 0); }
  ~Report() {
    close(ends_[0]);
    finish();
  }
  int32_t descriptor() const { return ends_[1]; }
  std::string read_until(const std::string& wanted) {
    std::string text;
    char piece[512];
    while (!text.contains(wanted)) {
      const ssize_t size = ::read(ends_[0], piece, sizeof piece);
      if (size <= 0) break;
      text.append(piece, static_cast<size_t>(size));
    }
    return text;
  }
  std::string all() {
    finish();
    return read_until("no such text");
  }

 private:
  void finish() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }
  int ends_[2] = {-1, -1};
};

// Standard error goes to a report meanwhile.
class StandardError {
 public:
  explicit StandardError(const Report& report) : kept_(dup(2)) { dup2(report.descriptor(), 2); }
  ~StandardError() {
    dup2(kept_, 2);
    close(kept_);
  }

 private:
  int kept_;
};

class Deadlocks : public testing::TestWithParam<Options> {
 protected:
  template <typename Function>
  void in_runtime(Function function) {
    Options options = GetParam();
    options.report_deadlocks = true;
    coro::run(options, std::move(function));
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, Deadlocks,
                         testing::Values(Options{.mode = Mode::lone},
                                         Options{.mode = Mode::shared, .workers = 1},
                                         Options{.mode = Mode::shared, .workers = 3},
                                         Options{.mode = Mode::deterministic, .seed = 7}),
                         [](const auto& info) { return std::to_string(info.index); });

// Where a plain thread may wake somebody: it may not, if a worker is alone and so does without locks.
class DeadlocksAmongThreads : public Deadlocks {};
INSTANTIATE_TEST_SUITE_P(Modes, DeadlocksAmongThreads,
                         testing::Values(Options{.mode = Mode::shared, .workers = 1},
                                         Options{.mode = Mode::shared, .workers = 3}),
                         [](const auto& info) { return std::to_string(info.index); });

std::string numbered(const char* before, uint64_t number) {
  return before + std::to_string(number) + " ";
}

void until_blocked(uint64_t number) {
  for (bool is_blocked = false; !is_blocked;) {
    yield();
    std::pair<uint64_t, bool*> wanted{number, &is_blocked};
    list_coroutines(
        [](void* argument, const Listed& listed) {
          auto& [number, found] = *static_cast<std::pair<uint64_t, bool*>*>(argument);
          if (listed.number == number && listed.state == State::blocked) *found = true;
        },
        &wanted);
  }
}

TEST_P(Deadlocks, ACircleOfMutexesIsNamed) {
  Report report;
  in_runtime([&] {
    mutex one;
    mutex other;
    Atomic<uint64_t> first{0};
    Atomic<uint64_t> second{0};
    const auto lock_both = [](mutex& now, mutex& then, Atomic<uint64_t>& own,
                              Atomic<uint64_t>& partner) {
      now.lock();
      own.store(this_coro::number(), release);
      while (partner.load(acquire) == 0) yield();
      if (then.lock_until(k_never) == Wake::woken) then.unlock();
      now.unlock();
    };
    auto a = go(lock_both, std::ref(one), std::ref(other), std::ref(first), std::ref(second));
    auto b = go(lock_both, std::ref(other), std::ref(one), std::ref(second), std::ref(first));
    while (first.load(acquire) == 0 || second.load(acquire) == 0) yield();
    until_blocked(first.load(relaxed));
    until_blocked(second.load(relaxed));
    EXPECT_EQ(report_circles(report.descriptor()), 1u);
    a.cancel();
    a.join();
    b.join();
    EXPECT_EQ(report_circles(report.descriptor()), 0u);
    const std::string text = report.all();
    EXPECT_TRUE(text.contains(numbered("  coroutine ", first.load(relaxed)))) << text;
    EXPECT_TRUE(text.contains(numbered("  coroutine ", second.load(relaxed)))) << text;
    EXPECT_TRUE(text.contains("held by coroutine " + std::to_string(first.load(relaxed)) + "\n"))
        << text;
    EXPECT_TRUE(text.contains("held by coroutine " + std::to_string(second.load(relaxed)) + "\n"))
        << text;
  });
}

TEST_P(Deadlocks, ACircleOfTasksIsNamed) {
  Report report;
  in_runtime([&] {
    mutex doors[2];
    Atomic<uint64_t> numbers[2] = {};
    const auto lock_both = [&](int own) -> task<> {
      (void)co_await doors[own].async_lock();
      numbers[own].store(this_coro::number(), release);
      while (numbers[1 - own].load(acquire) == 0) co_await async_yield();
      if (co_await doors[1 - own].async_lock() == Wake::woken) doors[1 - own].unlock();
      doors[own].unlock();
    };
    auto a = spawn(lock_both(0));
    auto b = spawn(lock_both(1));
    for (auto& number : numbers) {
      while (number.load(acquire) == 0) yield();
      until_blocked(number.load(relaxed));
    }
    EXPECT_EQ(report_circles(report.descriptor()), 1u);
    a.cancel();
    a.join();
    b.join();
    const std::string text = report.all();
    for (auto& number : numbers) {
      EXPECT_TRUE(text.contains("held by coroutine " + std::to_string(number.load(relaxed)) + "\n"))
          << text;
    }
  });
}

// What is told of two that wait for each other. Each calls what it is given when it has what the other wants.
// Then the first is cancelled.
template <typename First, typename Second>
std::string report_of_two(First first, Second second, Atomic<uint64_t>* third = nullptr) {
  Report report;
  Atomic<uint64_t> numbers[2] = {};
  const auto tell = [&](int own) {
    numbers[own].store(this_coro::number(), release);
    while (numbers[1 - own].load(acquire) == 0) yield();
  };
  auto a = go([&] { first([&] { tell(0); }); });
  auto b = go([&] { second([&] { tell(1); }); });
  for (auto& number : numbers) {
    while (number.load(acquire) == 0) yield();
    until_blocked(number.load(relaxed));
  }
  if (third != nullptr) until_blocked(third->load(relaxed));
  EXPECT_EQ(report_circles(report.descriptor()), 1u);
  a.cancel();
  a.join();
  b.join();
  return report.all();
}

TEST_P(Deadlocks, ACircleGoesThroughAWritersLock) {
  in_runtime([] {
    mutex door;
    shared_mutex book;
    const std::string text = report_of_two(
        [&](auto tell) {
          book.lock();
          tell();
          EXPECT_EQ(door.lock_until(k_never), Wake::cancelled);
          book.unlock();
        },
        [&](auto tell) {
          door.lock();
          tell();
          book.lock_shared();
          book.unlock_shared();
          door.unlock();
        });
    EXPECT_TRUE(text.contains(" waits for rwlock ")) << text;
    EXPECT_EQ(book.writer(), nullptr);
  });
}

TEST_P(Deadlocks, ACircleGoesThroughWhatRunsOnce) {
  in_runtime([] {
    mutex door;
    once_flag flag;
    const std::string text = report_of_two(
        [&](auto tell) {
          call_once(flag, [&] {
            tell();
            EXPECT_EQ(door.lock_until(k_never), Wake::cancelled);
          });
        },
        [&](auto tell) {
          door.lock();
          tell();
          call_once(flag, [] { ADD_FAILURE() << "it has run"; });
          door.unlock();
        });
    EXPECT_TRUE(text.contains(" waits for once ") && text.contains(", run by coroutine ")) << text;
  });
}

TEST_P(Deadlocks, ACircleGoesThroughAScope) {
  in_runtime([] {
    mutex door;
    mutex other_door;
    Atomic<uint64_t> held_up{0};
    const std::string text = report_of_two(
        [&](auto tell) {
          other_door.lock();
          tell();
          {
            scope all;
            all.go([] { (void)sleep_for(k_second * 1000); });
            all.go([&] {
              held_up.store(this_coro::number(), release);
              EXPECT_EQ(door.lock_until(k_never), Wake::cancelled);
            });
            all.go([] { (void)sleep_for(k_second * 1000); });
            while (held_up.load(acquire) == 0) yield();
            EXPECT_EQ(all.join().error(), Errno::intr);
          }
          other_door.unlock();
        },
        [&](auto tell) {
          door.lock();
          tell();
          other_door.lock();
          other_door.unlock();
          door.unlock();
        },
        &held_up);
    EXPECT_TRUE(text.contains(" waits for scope ") && text.contains(", the end of coroutine "))
        << text;
  });
}

TEST_P(Deadlocks, AChainThatSomebodyRunsAtTheEndOfIsNoCircle) {
  Report report;
  in_runtime([&] {
    mutex door;
    door.lock();
    Atomic<uint64_t> number{0};
    auto waits = go([&] {
      number.store(this_coro::number(), release);
      door.lock();
      door.unlock();
    });
    while (number.load(acquire) == 0) yield();
    until_blocked(number.load(relaxed));
    EXPECT_EQ(report_circles(report.descriptor()), 0u);
    door.unlock();
    waits.join();
  });
  EXPECT_EQ(report.all(), "");
}

TEST_P(DeadlocksAmongThreads, WhenAllWaitAndNobodyIsLeftItIsSaidOnce) {
  Report report;
  std::string text;
  {
    const StandardError redirected(report);
    event rescue;
    thread rescuer([&] {
      text = report.read_until("waits for join");
      rescue.set();
    });
    in_runtime([&] {
      auto waits = go([&] {
        this_coro::set_name("forgotten");
        rescue.wait();
      });
      waits.join();
    });
    rescuer.join();
  }
  text += report.all();
  EXPECT_TRUE(text.contains("deadlock: all coroutines wait")) << text;
  EXPECT_EQ(text.find("deadlock"), text.rfind("deadlock")) << text;
  EXPECT_TRUE(text.contains("(forgotten) from 0x")) << text;
  EXPECT_TRUE(text.contains("waits for event")) << text;
}

TEST_P(Deadlocks, WhoSleepsIsNotDead) {
  Report report;
  {
    const StandardError redirected(report);
    in_runtime([] { sleep_for(k_millisecond); });
  }
  EXPECT_EQ(report.all(), "");
}

TEST_P(Deadlocks, AMutexThatItsOwnerWantsAgainIsACircleOfOne) {
  Report report;
  in_runtime([&] {
    Atomic<uint64_t> number{0};
    auto alone = go([&] {
      mutex door;
      door.lock();
      number.store(this_coro::number(), release);
      EXPECT_EQ(door.lock_until(k_never), Wake::cancelled);
      door.unlock();
    });
    while (number.load(acquire) == 0) yield();
    until_blocked(number.load(relaxed));
    EXPECT_EQ(report_circles(report.descriptor()), 1u);
    alone.cancel();
    alone.join();
  });
}

}  // namespace
}  // namespace weft::coro
