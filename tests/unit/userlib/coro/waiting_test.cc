// Waiting for descriptors and for blocking calls; scopes; coroutine-local variables; the listing.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "unit/userlib/coro/pipes.hh"
#include "userlib/base/clock.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/blocking.hh"
#include "userlib/coro/io.hh"
#include "userlib/coro/list.hh"
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

TEST_P(Waiting, TheListTellsWhereEachStands) {
  in_runtime([] {
    auto sleeper = go([] {
      this_coro::set_name("sleeper");
      sleep_for(1000 * k_second);
    });
    for (int i = 0; i < 50; ++i) yield();
    while (sleeper.wait_for(k_millisecond)) FAIL() << "it sleeps for long";  // by now it has begun
    std::map<std::string, int> states;
    list_coroutines(
        [](void* argument, const Listed& listed) {
          auto& found = *static_cast<std::map<std::string, int>*>(argument);
          ++found[name_of(listed.state)];
          if (listed.name == std::string("sleeper")) {
            EXPECT_EQ(listed.state, State::blocked);
            EXPECT_EQ(listed.reason, Reason::sleep);
            EXPECT_GT(listed.stack_used, 0u);
            ++found["sleeper"];
          }
        },
        &states);
    EXPECT_EQ(states["running"], 1);
    EXPECT_EQ(states["sleeper"], 1);
    sleeper.cancel();
    sleeper.join();
  });
}

static task<void> await_event(event& gate) { (void)co_await gate.async_wait(); }

TEST_P(Waiting, TheListHasTasksToo) {
  in_runtime([] {
    event gate;
    auto waits = spawn(await_event(gate));
    bool found = false;
    while (!found) {
      yield();
      list_coroutines(
          [](void* argument, const Listed& listed) {
            if (listed.name == std::string("task") && listed.reason == Reason::event)
              *static_cast<bool*>(argument) = true;
          },
          &found);
    }
    gate.set();
    waits.join();
  });
}

TEST_P(Waiting, TheListTellsHowLongWhenTimesAreKept) {
  keep_times();
  const Instant start = instant_now();
  in_runtime([&] {
    event gate;
    auto waits = go([&] {
      this_coro::set_name("patient");
      gate.wait();
    });
    Nanoseconds waited = k_never;
    while (waited == k_never || waited < k_millisecond) {
      yield();
      list_coroutines(
          [](void* argument, const Listed& listed) {
            if (listed.state == State::blocked && listed.name == std::string("patient"))
              *static_cast<Nanoseconds*>(argument) = listed.waited;
          },
          &waited);
      if (waited != k_never) EXPECT_LE(waited, instant_now() - start);
    }
    gate.set();
    waits.join();
  });
  detail::times_are_kept.store(false, relaxed);
}

[[gnu::noinline]] static int use_stack(int bytes) {
  volatile char room[256] = {};
  for (volatile char& each : room) each = 1;
  return bytes <= 256 ? room[0] : use_stack(bytes - 256) + room[1];
}

TEST_P(Waiting, TheListTellsHowDeepAStackEverWas) {
  in_runtime([] {
    event gate;
    Atomic<uint64_t> number{0};
    auto deep = go(Spawn{.stack = StackSize::k256}, [&] {
      (void)use_stack(100'000);
      number.store(this_coro::number(), release);
      gate.wait();
    });
    while (number.load(acquire) == 0) yield();
    size_t peak = 0;
    for_each_block([&](const Coroutine& block) {
      if (block_number(block) == number.load(relaxed)) peak = stack_peak(block);
    });
    EXPECT_GE(peak, 20'000u);  // (a sanitizer keeps variables elsewhere)
    EXPECT_LE(peak, stack_bytes(StackSize::k256));
    gate.set();
    deep.join();
  });
}

}  // namespace
}  // namespace weft::coro
