// The listing: where each coroutine stands, what it waits for, how long, and how deep its stack was.
#include "userlib/coro/list.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "userlib/base/clock.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::coro {
namespace {

class Listing : public testing::TestWithParam<Options> {
 protected:
  void in_runtime(auto function) { coro::run(GetParam(), std::move(function)); }
};

INSTANTIATE_TEST_SUITE_P(Modes, Listing,
                         testing::Values(Options{.mode = Mode::lone},
                                         Options{.mode = Mode::shared, .workers = 1},
                                         Options{.mode = Mode::shared, .workers = 3},
                                         Options{.mode = Mode::deterministic, .seed = 3}),
                         [](const auto& info) { return std::to_string(info.index); });

TEST_P(Listing, TellsWhereEachStands) {
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

TEST_P(Listing, HasTasksToo) {
  in_runtime([] {
    event gate;
    auto waits = spawn(await_event(gate));
    const void* found = nullptr;
    while (found == nullptr) {
      yield();
      list_coroutines(
          [](void* argument, const Listed& listed) {
            if (listed.name != std::string("task") || listed.reason != Reason::event) return;
            EXPECT_NE(listed.spawned_at, nullptr);
            EXPECT_EQ(listed.waited, k_never) << "no times are kept";
            *static_cast<const void**>(argument) = listed.object;
          },
          &found);
    }
    EXPECT_EQ(found, &gate);
    gate.set();
    waits.join();
  });
}

TEST_P(Listing, TellsHowLongTasksWaitToo) {
  keep_times();
  const Instant start = instant_now();
  in_runtime([&] {
    event gate;
    auto waits = spawn(await_event(gate));
    Nanoseconds waited = k_never;
    while (waited == k_never || waited < k_millisecond) {
      yield();
      list_coroutines(
          [](void* argument, const Listed& listed) {
            if (listed.name == std::string("task") && listed.reason == Reason::event)
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

TEST_P(Listing, TellsHowLongWhenTimesAreKept) {
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

TEST_P(Listing, ADumpHasALineForEach) {
  const std::string path = testing::TempDir() + "dumped-" + std::to_string(getpid());
  in_runtime([&] {
    event gate;
    std::vector<handle<void>> all;
    for (int i = 0; i < 100; ++i) {
      all.push_back(go([&, i] {
        this_coro::set_name(i < 98 ? "one of many" : "another");
        gate.wait();
      }));
    }
    const auto are_waiting = [] {
      int waiting = 0;
      list_coroutines(
          [](void* count, const Listed& listed) {
            *static_cast<int*>(count) +=
                listed.state == State::blocked && listed.reason == Reason::event;
          },
          &waiting);
      return waiting;
    };
    while (are_waiting() < 100) yield();
    const int fd = ::open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    dump_coroutines(fd);
    ::close(fd);
    gate.set();
    for (auto& each : all) each.join();

    std::ifstream dump(path);
    char object[40];
    std::snprintf(object, sizeof object, "%p", static_cast<void*>(&gate));
    const std::regex wanted("coroutine [0-9]+ blocked on event " + std::string(object) +
                            "( for [0-9]+ us)?, (one of many|another) from 0x[0-9a-f]+, stack "
                            "[0-9]+ of at most [0-9]+");
    std::map<std::string, int> found;
    for (std::string line; std::getline(dump, line);) {
      std::smatch parts;
      if (std::regex_match(line, parts, wanted)) ++found[parts[2]];
    }
    EXPECT_EQ(found["one of many"], 98);
    EXPECT_EQ(found["another"], 2);
  });
  unlink(path.c_str());
}

TEST_P(Listing, TellsHowDeepAStackEverWas) {
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
