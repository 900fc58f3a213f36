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
#include "userlib/coro/sanitizers.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::coro {
namespace {

class Listing : public testing::TestWithParam<Options> {
 protected:
  void in_runtime(auto function) { coro::run(GetParam(), std::move(function)); }
};

auto modes() {
  return testing::Values(Options{.mode = Mode::lone}, Options{.mode = Mode::shared, .workers = 1},
                         Options{.mode = Mode::shared, .workers = 3},
                         Options{.mode = Mode::deterministic, .seed = 3});
}
INSTANTIATE_TEST_SUITE_P(Modes, Listing, modes());

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

// (A sanitizer's own variables would not fit onto a packed stack beside it.)
[[gnu::noinline, clang::no_sanitize("address", "thread")]] static void use_some_stack() {
  volatile char room[300];
  for (volatile char& each : room) each = 1;
}

[[gnu::noinline]] static void wait_deeper(event& gate) {
  volatile char room[64];
  room[0] = 0;
  gate.wait();
  room[1] = 0;
}

template <typename Function>
[[gnu::noinline]] static handle<void> go_elsewhere(StackSize stack, Function function) {
  return go(Spawn{.stack = stack}, function);
}

// One coroutine of a dump, as its line has it.
struct Dumped {
  bool operator==(const Dumped&) const = default;

  std::string begin;  // what it is and waits for
  std::string time;   // for how long, or empty
  std::string name;
  std::string place;
  std::string stack;
};

struct Dump {
  std::map<uint64_t, Dumped> coroutines;
  std::map<std::string, int> line_count;  // by name
  uint64_t total = 0;
};

Dump read_dump(const std::string& path) {
  const std::regex line_of_some(
      "coroutines? ([0-9]+)( to ([0-9]+))? ([a-z]+( on [a-z ]+ 0x[0-9a-f]+)?)( for ([0-9.]+ "
      "[mu]?s))?, (.*) "
      "from (0x[0-9a-f]+), stack ([0-9]+ of at most [0-9]+)");
  const std::regex last_line("([0-9]+) coroutines?");
  Dump dump;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    EXPECT_EQ(dump.total, 0u) << "there is nothing after the last line";
    std::smatch parts;
    if (std::regex_match(line, parts, last_line)) {
      dump.total = std::stoull(parts[1]);
      continue;
    }
    if (!std::regex_match(line, parts, line_of_some)) {
      ADD_FAILURE() << line;
      continue;
    }
    ++dump.line_count[parts[8]];
    const uint64_t first = std::stoull(parts[1]);
    const uint64_t last = parts[3].matched ? std::stoull(parts[3]) : first;
    EXPECT_EQ(parts[3].matched, line.starts_with("coroutines"));
    for (uint64_t number = first; number <= last; ++number)
      EXPECT_TRUE(
          dump.coroutines.emplace(number, Dumped{parts[4], parts[7], parts[8], parts[9], parts[10]})
              .second);
  }
  EXPECT_EQ(dump.total, dump.coroutines.size());
  return dump;
}

class Dumping : public Listing {
 protected:
  Dumping() : path_(testing::TempDir() + "dumped-" + std::to_string(getpid())) {}
  ~Dumping() override { unlink(path_.c_str()); }

  Dump dump() {
    const int fd = ::open(path_.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    dump_coroutines(fd);
    ::close(fd);
    return read_dump(path_);
  }
  // That many that wait at the gate, by that function.
  template <typename Function>
  std::vector<handle<void>> start(int count, Function function) {
    std::vector<handle<void>> all;
    for (int i = 0; i < count; ++i) all.push_back(function(i));
    while (waiting_for_events() < count) yield();
    return all;
  }
  // (Not who waits in place, and may yet leave its stack: that one's depth is not known.)
  static int waiting_for_events() {
    int waiting = 0;
    list_coroutines(
        [](void* count, const Listed& listed) {
          *static_cast<int*>(count) += listed.state == State::blocked &&
                                       listed.reason == Reason::event && listed.stack_used > 0;
        },
        &waiting);
    return waiting;
  }

 private:
  const std::string path_;
};

INSTANTIATE_TEST_SUITE_P(Modes, Dumping, modes());

TEST_P(Dumping, TellsOfEach) {
  in_runtime([&] {
    event gate;
    auto all = start(100, [&](int i) {
      return go([&gate, i] {
        this_coro::set_name(i < 98 ? "one of many" : "another");
        gate.wait();
      });
    });
    const Dump found = dump();
    char waits[60];
    std::snprintf(waits, sizeof waits, "blocked on event %p", static_cast<void*>(&gate));
    std::map<std::string, int> names;
    for (const auto& [number, each] : found.coroutines)
      if (each.begin == waits) ++names[each.name];
    EXPECT_EQ(names["one of many"], 98);
    EXPECT_EQ(names["another"], 2);
    gate.set();
    for (auto& each : all) each.join();
  });
}

// Some wait for something else than their neighbours, some deeper in their stacks, some stacks were deeper before, and
// numbers are left out.
TEST_P(Dumping, TellsTheSameAsTheList) {
  constexpr int k_all = 600;
  in_runtime([&] {
    event gate;
    event other;
    event early;
    const auto is_early = [](int i) { return i % 7 == 3 || i / 100 == 3; };
    auto all = start(k_all, [&](int i) {
      const StackSize small = k_sanitized ? StackSize::k16 : StackSize::packed_2k;
      const StackSize stack = i % 2 == 0 || i > 400 ? small : k_default_stack;
      event& waited_for = is_early(i) ? early : i % 13 < 3 ? other : gate;
      const auto function = [&waited_for, i] {
        if (i % 11 == 0) use_some_stack();
        if (i % 17 == 0) return wait_deeper(waited_for);
        waited_for.wait();
      };
      if (i % 19 == 0) return go_elsewhere(stack, function);
      return go(Spawn{.stack = stack}, function);
    });
    early.set();
    for (int i = 0; i < k_all; ++i)
      if (is_early(i)) all[static_cast<size_t>(i)].join();
    const Dump found = dump();
    int compared = 0;
    for_each_block([&](const Coroutine& block) {
      const Listed listed = look_at(block);
      if (listed.state != State::blocked || listed.reason != Reason::event) return;
      ASSERT_EQ(found.coroutines.count(listed.number), 1u);
      char waits[60];
      std::snprintf(waits, sizeof waits, "blocked on event %p", listed.object);
      char place[30];
      std::snprintf(place, sizeof place, "%p", listed.spawned_at);
      const Dumped expected{
          waits, "", std::string(shorten_name(listed.name)), place,
          std::to_string(listed.stack_used) + " of at most " + std::to_string(stack_peak(block))};
      EXPECT_EQ(found.coroutines.at(listed.number), expected) << listed.number;
      ++compared;
    });
    EXPECT_EQ(compared, waiting_for_events());
    gate.set();
    other.set();
    for (auto& each : all)
      if (each.joinable()) each.join();
  });
}

// How many that depends on what other tests have left: free numbers in between, and stacks on which more was used.
TEST_P(Dumping, ManyAlikeTakeNoMoreLinesThanTheyMust) {
  in_runtime([&] {
    event gate;
    auto all = start(1000, [&](int) { return go([&gate] { gate.wait(); }); });
    const Dump found = dump();
    std::string name;
    int lines = 0;
    uint64_t last = 0;
    size_t last_used = 0;
    size_t last_peak = 0;
    for_each_block([&](const Coroutine& block) {
      const Listed listed = look_at(block);
      if (listed.state != State::blocked || listed.object != &gate) return;
      name = shorten_name(listed.name);
      const size_t peak = stack_peak(block);
      lines += listed.number != last + 1 || listed.stack_used != last_used || peak != last_peak;
      last = listed.number;
      last_used = listed.stack_used;
      last_peak = peak;
    });
    EXPECT_EQ(found.line_count.at(name), lines);
    EXPECT_LT(lines, 1000);
    gate.set();
    for (auto& each : all) each.join();
  });
}

TEST_P(Dumping, HasTimesIfTheyAreKept) {
  keep_times();
  in_runtime([&] {
    event gate;
    auto all = start(3, [&](int) { return go([&gate] { gate.wait(); }); });
    int times = 0;
    for (const auto& [number, each] : dump().coroutines) times += !each.time.empty();
    EXPECT_GE(times, 3);
    gate.set();
    for (auto& each : all) each.join();
  });
  detail::times_are_kept.store(false, relaxed);
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
