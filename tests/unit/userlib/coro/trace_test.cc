// What coroutines tell of themselves, read from a file in the place of the kernel's.
#include "userlib/coro/trace.hh"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "userlib/base/clock.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/thread/thread.hh"

namespace weft::coro {
namespace {

class Tracing : public testing::TestWithParam<Options> {
 protected:
  Tracing() {
    file_ = mkstemp(path_);
    detail::trace_path = path_;
  }
  ~Tracing() override {
    detail::trace_path = "/nowhere";
    close(file_);
    unlink(path_);
  }

  // What `function` and its coroutines did.
  template <typename Function>
  std::vector<abi::TraceMarker> record(Function function) {
    const Instant start = instant_now();
    coro::run(GetParam(), std::move(function));
    std::vector<abi::TraceMarker> markers;
    abi::TraceMarker marker;
    while (read(file_, &marker, sizeof marker) == sizeof marker) {
      EXPECT_EQ(marker.mark, abi::k_trace_mark);
      EXPECT_GE(marker.when, start);
      EXPECT_LE(marker.when, instant_now());
      markers.push_back(marker);
    }
    return markers;
  }
  static std::vector<abi::TraceMarker> of(uint64_t number,
                                          const std::vector<abi::TraceMarker>& all) {
    std::vector<abi::TraceMarker> own;
    for (const auto& each : all) {
      if (each.first == number && each.kind != Traced::coroutine_is_named &&
          each.kind < Traced::worker_sleeps)
        own.push_back(each);
    }
    return own;
  }
  static std::string kinds(const std::vector<abi::TraceMarker>& markers) {
    const char* const names[] = {"starts", "runs", "parks", "wakes", "stolen", "ends"};
    std::string text;
    for (const auto& each : markers)
      text += std::string(names[static_cast<size_t>(each.kind)]) + " ";
    return text;
  }

 private:
  char path_[32] = "/tmp/weft-trace-XXXXXX";
  int file_ = -1;
};

INSTANTIATE_TEST_SUITE_P(OneWorker, Tracing,
                         testing::Values(Options{.mode = Mode::lone},
                                         Options{.mode = Mode::shared, .workers = 1},
                                         Options{.mode = Mode::deterministic, .seed = 7}),
                         [](const auto& info) { return std::to_string(info.index); });

class TracingAmongWorkers : public Tracing {};
INSTANTIATE_TEST_SUITE_P(Workers, TracingAmongWorkers,
                         testing::Values(Options{.mode = Mode::shared, .workers = 2},
                                         Options{.mode = Mode::shared, .workers = 4}),
                         [](const auto& info) { return std::to_string(info.param.workers); });

TEST_P(Tracing, TellsTheLifeOfACoroutine) {
  uint64_t number = 0;
  uint64_t parent = 0;
  event gate;
  const auto markers = record([&] {
    parent = this_coro::number();
    auto waits = go([&] {
      number = this_coro::number();
      gate.wait();
    });
    while (number == 0) yield();
    yield();
    gate.set();
    waits.join();
  });
  const auto own = of(number, markers);
  ASSERT_EQ(kinds(own), "starts runs parks wakes runs ends ");
  EXPECT_EQ(own[0].second, parent);
  EXPECT_EQ(own[1].detail, 0);  // the only worker
  EXPECT_EQ(own[2].detail, static_cast<uint16_t>(Reason::event));
  EXPECT_EQ(own[2].second, reinterpret_cast<uintptr_t>(&gate));
  for (size_t i = 1; i < own.size(); ++i) EXPECT_GE(own[i].when, own[i - 1].when);
}

TEST_P(Tracing, ACoroutineIsCalledAfterItsFunctionUntilItHasAName) {
  uint64_t number = 0;
  const auto markers = record([&] {
    go([&] {
      number = this_coro::number();
      this_coro::set_name("the long name of a coroutine");
    }).join();
  });
  std::vector<std::string> names;
  for (const auto& each : markers) {
    if (each.kind != Traced::coroutine_is_named || each.first != number) continue;
    if (each.detail == 0) names.emplace_back();
    char piece[9] = {};
    memcpy(piece, &each.second, 8);
    names.back() += piece;
  }
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[0].substr(0, 14), "trace_test.cc:");
  EXPECT_EQ(names[1], "the long name of a coroutine");
}

static task<void> wait_in_a_task(event& gate) { (void)co_await gate.async_wait(); }

TEST_P(Tracing, TellsTheLifeOfATask) {
  event gate;
  const auto markers = record([&] {
    auto waits = spawn(wait_in_a_task(gate));
    for (int i = 0; i < 5; ++i) yield();
    gate.set();
    waits.join();
  });
  uint64_t number = 0;
  for (const auto& each : markers) {
    if (each.kind == Traced::coroutine_starts) number = each.first;  // the last one to start
  }
  EXPECT_EQ(kinds(of(number, markers)), "starts runs parks wakes runs ends ");
}

TEST_P(TracingAmongWorkers, AWakeByAPlainThreadIsToldToo) {
  uint64_t number = 0;
  event gate;
  const auto markers = record([&] {
    number = this_coro::number();
    thread other([&] { gate.set(); });
    gate.wait();
    other.join();
  });
  const auto own = of(number, markers);
  size_t parks = 0;
  size_t wakes = 0;
  for (const auto& each : own) {
    parks += each.kind == Traced::coroutine_parks;
    wakes += each.kind == Traced::coroutine_wakes;
  }
  EXPECT_LE(parks, wakes);  // a wait that was over before the coroutine stopped is no stop
  EXPECT_LE(wakes, 1u);
}

TEST_P(Tracing, WithoutAListenerNothingIsWritten) {
  detail::trace_path = "/nowhere";
  EXPECT_TRUE(record([] { go([] { yield(); }).join(); }).empty());
}

// Each coroutine's story adds up, whoever tells which part of it.
TEST_P(TracingAmongWorkers, WakesAndTurnsOfEachCoroutineAddUp) {
  const auto markers = record([] {
    for (int i = 0; i < 200; ++i) {
      go([] {
        for (int round = 0; round < 5; ++round) go([] { yield(); }).join();
      });
    }
  });
  std::multimap<Instant, abi::TraceMarker> in_time;
  for (const auto& each : markers) in_time.emplace(each.when, each);
  std::map<uint64_t, int> alive;
  std::map<uint64_t, int> parked;
  for (const auto& [when, each] : in_time) {
    if (each.kind == Traced::coroutine_starts) EXPECT_EQ(alive[each.first]++, 0);
    if (each.kind == Traced::coroutine_ends) EXPECT_EQ(alive[each.first]--, 1);
    if (each.kind == Traced::coroutine_parks) EXPECT_EQ(parked[each.first]++, 0);
    if (each.kind == Traced::coroutine_wakes && parked[each.first] > 0) --parked[each.first];
    if (each.kind == Traced::coroutine_runs)
      EXPECT_EQ(parked[each.first], 0) << "runs while it is parked";
  }
  for (const auto& [number, count] : alive) EXPECT_EQ(count, 0) << number;
  for (const auto& [number, count] : parked) EXPECT_EQ(count, 0) << number;
}

}  // namespace
}  // namespace weft::coro
