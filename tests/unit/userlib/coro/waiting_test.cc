// Waiting for descriptors and for blocking calls; scopes; coroutine-local variables.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "unit/userlib/coro/pipes.hh"
#include "userlib/base/clock.hh"
#include "userlib/coro/blocking.hh"
#include "userlib/coro/child.hh"
#include "userlib/coro/io.hh"
#include "userlib/coro/local.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/scope.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::coro {
namespace {

class Waiting : public testing::TestWithParam<Options> {
 protected:
  void in_runtime(auto function) { coro::run(GetParam(), std::move(function)); }
};

std::string mode_name(const testing::TestParamInfo<Options>& info) {
  const char* const names[] = {"lone", "shared", "deterministic"};
  return names[static_cast<int>(info.param.mode)] + std::to_string(info.param.workers);
}

INSTANTIATE_TEST_SUITE_P(Modes, Waiting,
                         testing::Values(Options{.mode = Mode::lone},
                                         Options{.mode = Mode::shared, .workers = 1},
                                         Options{.mode = Mode::shared, .workers = 3},
                                         Options{.mode = Mode::deterministic, .seed = 3}),
                         mode_name);

size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

// Those that its workers sleep with, too.
TEST_P(Waiting, ARunGivesItsDescriptorsBack) {
  const size_t before = open_descriptors();
  {
    const Pipe silent;
    in_runtime([&] {
      const bool is_virtual = GetParam().mode == Mode::deterministic;
      const Instant deadline = now() + (is_virtual ? 10 * k_microsecond : k_millisecond);
      EXPECT_EQ(Reactor::wait(silent.ends[0], POLLIN, deadline), Wake::timed_out);
    });
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_P(Waiting, AReaderParksUntilThereIsSomething) {
  in_runtime([] {
    Pipe pipe;
    auto reader = go([&] {
      char buffer[16] = {};
      const auto count = read(pipe.ends[0], buffer, sizeof buffer);
      return std::string(buffer, count.value_or(0));
    });
    for (int i = 0; i < 10; ++i) yield();
    EXPECT_FALSE(reader.is_done());
    EXPECT_TRUE(write_all(pipe.ends[1], "hello", 5));
    EXPECT_EQ(reader.join(), "hello");
  });
}

TEST_P(Waiting, DataLargerThanAPipeGoesThrough) {
  in_runtime([] {
    Pipe pipe;
    constexpr size_t k_size = 1'000'000;
    auto writer =
        go([&] { return write_all(pipe.ends[1], std::string(k_size, 'x').data(), k_size); });
    size_t total = 0;
    std::vector<char> buffer(5000);
    while (total < k_size) total += read(pipe.ends[0], buffer.data(), buffer.size()).value_or(0);
    EXPECT_TRUE(writer.join());
    EXPECT_EQ(total, k_size);
  });
}

TEST_P(Waiting, AReadHasADeadlineAndCanBeCancelled) {
  in_runtime([] {
    Pipe pipe;
    char byte;
    EXPECT_EQ(read(pipe.ends[0], &byte, 1, now() + k_millisecond).error(), Errno::timedout);
    auto reader = go([&] {
      char own;
      return read(pipe.ends[0], &own, 1);
    });
    yield();
    reader.cancel();
    EXPECT_EQ(reader.join().error(), Errno::intr);
    EXPECT_TRUE(write(pipe.ends[1], "x", 1));
    EXPECT_EQ(read(pipe.ends[0], &byte, 1).value_or(0), 1u);
  });
}

TEST_P(Waiting, WrongDescriptorsAndPlainFilesAreToldApart) {
  in_runtime([] {
    EXPECT_EQ(wait_readable(-1).error(), Errno::badf);
    EXPECT_EQ(wait_readable(9999).error(), Errno::badf);
    const int file = open("/dev/null", O_RDONLY);
    EXPECT_TRUE(wait_readable(file));
    close(file);
  });
}

TEST_P(Waiting, ADescriptorNumberMayBeUsedAnew) {
  in_runtime([] {
    for (int round = 0; round < 20; ++round) {
      Pipe pipe;
      auto reader = go([&] {
        char byte;
        return read(pipe.ends[0], &byte, 1).value_or(0);
      });
      yield();
      EXPECT_TRUE(write(pipe.ends[1], "x", 1));
      EXPECT_EQ(reader.join(), 1u);
    }
  });
}

TEST_P(Waiting, HundredsOfPipesAtOnce) {
  in_runtime([] {
    std::vector<Pipe> pipes(200);
    std::vector<handle<size_t>> readers;
    for (Pipe& pipe : pipes) {
      readers.push_back(go([&pipe] {
        char byte;
        return read(pipe.ends[0], &byte, 1).value_or(0);
      }));
    }
    yield();
    for (Pipe& pipe : pipes) EXPECT_EQ(::write(pipe.ends[1], "x", 1), 1);
    for (auto& reader : readers) EXPECT_EQ(reader.join(), 1u);
  });
}

TEST_P(Waiting, BlockingCallsDoNotStopTheOthers) {
  in_runtime([] {
    Pipe pipe;
    auto blocked = go([&] {
      return blocking([&] {
        char byte;
        return ::read(pipe.ends[0], &byte, 1);
      });
    });
    for (int i = 0; i < 100; ++i) yield();
    EXPECT_FALSE(blocked.is_done());
    EXPECT_EQ(::write(pipe.ends[1], "x", 1), 1);
    EXPECT_EQ(blocked.join(), 1);
  });
}

TEST_P(Waiting, ManyBlockingCallsAtOnce) {
  in_runtime([] {
    std::vector<handle<int>> all;
    for (int i = 0; i < 200; ++i)
      all.push_back(go([i] { return blocking([i] { return i * i; }); }));
    for (int i = 0; i < 200; ++i) EXPECT_EQ(all[static_cast<size_t>(i)].join(), i * i);
  });
}

TEST_P(Waiting, ABlockingCallBringsWhatItsFunctionAnswersOrThrows) {
  in_runtime([] {
    EXPECT_THROW(blocking([]() -> int { throw std::runtime_error("over there"); }),
                 std::runtime_error);
    EXPECT_THROW(blocking([] { throw std::runtime_error("over there"); }), std::runtime_error);
    int there = 1;
    int& same = blocking([&]() -> int& { return there; });
    EXPECT_EQ(&same, &there);
    EXPECT_EQ(*blocking([] { return std::make_unique<int>(2); }), 2);
    blocking([&] { there = 3; });
    EXPECT_EQ(there, 3);
  });
}

TEST_P(Waiting, OnlyTheCoroutineWaitsForAChild) {
  in_runtime([] {
    Pipe pipe;
    const auto child_that_waits = [&] {
      return process::run([&] {
        char byte;
        ::close(pipe.ends[1]);
        return static_cast<int>(::read(pipe.ends[0], &byte, 1)) + 6;
      });
    };
    process child = child_that_waits().value();
    auto waits = go([&] { return wait(child); });
    for (int i = 0; i < 100; ++i) yield();
    EXPECT_FALSE(waits.is_done());
    EXPECT_EQ(::write(pipe.ends[1], "x", 1), 1);
    EXPECT_EQ(waits.join()->code(), 7);
    EXPECT_EQ(wait(child).error(), Errno::child);

    process other = child_that_waits().value();
    EXPECT_EQ(wait(other, now() + k_millisecond).error(), Errno::timedout);
    auto gives_up = go([&] { return wait(other); });
    for (int i = 0; i < 10; ++i) yield();
    gives_up.cancel();
    EXPECT_EQ(gives_up.join().error(), Errno::intr);
    EXPECT_TRUE(other.kill(SIGKILL));
    EXPECT_EQ(wait(other)->signal(), SIGKILL);
    EXPECT_FALSE(other.joinable());
  });
}

TEST(PlainThreads, WaitForAChildToo) {
  process child = process::run([] { return 5; }).value();
  EXPECT_EQ(wait(child)->code(), 5);
}

TEST_P(Waiting, BlockingCallsMayWaitForEachOther) {
  in_runtime([] {
    Pipe pipe;
    auto reads = go([&] {
      return blocking([&] {
        char byte;
        return ::read(pipe.ends[0], &byte, 1);
      });
    });
    auto writes = go([&] { return blocking([&] { return ::write(pipe.ends[1], "x", 1); }); });
    EXPECT_EQ(writes.join(), 1);
    EXPECT_EQ(reads.join(), 1);
  });
}

TEST(PlainThreads, JoinCoroutinesAndAreWokenByThem) {
  coro::run({.mode = Mode::shared, .workers = 2}, [] {
    auto working = go([] {
      sleep_for(k_millisecond);
      return 5;
    });
    int seen = 0;
    std::thread plain([&] { seen = working.join(); });
    blocking([&] { plain.join(); });
    EXPECT_EQ(seen, 5);
  });
}

TEST_P(Waiting, AScopeWaitsForAllOfItsCoroutines) {
  in_runtime([] {
    Atomic<int> ended{0};
    {
      scope tasks;
      for (int i = 0; i < 50; ++i) {
        tasks.go([&] {
          yield();
          ended.fetch_add(1, relaxed);
        });
      }
    }
    EXPECT_EQ(ended.load(relaxed), 50);
  });
}

TEST_P(Waiting, AFailureCancelsTheRestOfTheScope) {
  in_runtime([] {
    scope tasks;
    Atomic<int> cancelled{0};
    for (int i = 0; i < 5; ++i) {
      tasks.go([&] {
        if (sleep_for(1000 * k_second) == Wake::cancelled) cancelled.fetch_add(1, relaxed);
      });
    }
    tasks.go([]() -> Result<> { return fail(Errno::nospc); });
    EXPECT_EQ(tasks.join().error(), Errno::nospc);
    EXPECT_EQ(cancelled.load(relaxed), 5);
  });
}

TEST_P(Waiting, AScopeThrowsWhatOneOfItsOwnThrew) {
  in_runtime([] {
    scope tasks;
    tasks.go([] { throw std::string("on purpose"); });
    EXPECT_THROW((void)tasks.join(), std::string);
  });
}

TEST_P(Waiting, AnExceptionThatLeavesAScopeCancelsIt) {
  in_runtime([] {
    std::vector<handle<void>> all;
    for (int i = 0; i < 100; ++i) {
      all.push_back(go([] {
        bool is_cancelled = false;
        try {
          scope tasks;
          tasks.go([&] { is_cancelled = sleep_for(k_second * 1000) == Wake::cancelled; });
          yield();
          throw std::runtime_error("out of here");
        } catch (const std::runtime_error&) {
          EXPECT_TRUE(is_cancelled);
        }
        // Wherever it was caught, this thread knows of no exception any more.
        EXPECT_EQ(std::uncaught_exceptions(), 0);
        EXPECT_EQ(std::current_exception(), nullptr);
      }));
    }
    for (auto& each : all) each.join();
  });
  EXPECT_EQ(std::uncaught_exceptions(), 0);
}

TEST_P(Waiting, AScopesDeadlineEndsIt) {
  in_runtime([] {
    scope tasks(now() + 2 * k_millisecond);
    tasks.go([] { sleep_for(1000 * k_second); });
    EXPECT_EQ(tasks.join().error(), Errno::timedout);
  });
}

TEST_P(Waiting, CancellingWhoWaitsForAScopeCancelsTheScope) {
  in_runtime([] {
    auto outer = go([] {
      scope tasks;
      tasks.go([] { sleep_for(1000 * k_second); });
      return tasks.join();
    });
    for (int i = 0; i < 5; ++i) yield();
    outer.cancel();
    EXPECT_EQ(outer.join().error(), Errno::intr);
  });
}

local<int> visits;
struct Counted {
  static inline Atomic<int> alive{0};
  Counted() { alive.fetch_add(1, relaxed); }
  ~Counted() { alive.fetch_sub(1, relaxed); }
};
local<Counted> counted;

TEST_P(Waiting, LocalsAreOneForEachCoroutineAndGoWithIt) {
  in_runtime([] {
    std::vector<handle<int>> all;
    for (int i = 0; i < 20; ++i) {
      all.push_back(go([i] {
        for (int turn = 0; turn < i; ++turn) {
          ++*visits;
          (void)*counted;
          yield();
        }
        return *visits;
      }));
    }
    for (int i = 0; i < 20; ++i) EXPECT_EQ(all[static_cast<size_t>(i)].join(), i);
  });
  EXPECT_EQ(Counted::alive.load(relaxed), 0);
}

}  // namespace
}  // namespace weft::coro
