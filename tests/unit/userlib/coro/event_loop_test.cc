#include "userlib/coro/stackless/event_loop.hh"

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/coro/pipes.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

TEST(EventLoop, WithNothingToDoReturns) { event_loop().run(); }

TEST(EventLoop, DoesWhatIsPostedInItsOrder) {
  event_loop loop;
  std::string story;
  loop.post([&] {
    story += "a";
    loop.post([&] { story += "c"; });
  });
  loop.post([&] { story += "b"; });
  EXPECT_EQ(story, "");
  loop.run();
  EXPECT_EQ(story, "abc");
}

TEST(EventLoop, WhatIsPostedMeanwhileWaitsForTheNextTurn) {
  event_loop loop;
  int turns = 0;
  auto again = [&](auto& again) -> void {
    if (++turns < 1000) loop.post([&] { again(again); });
  };
  loop.post([&] { again(again); });
  bool timer_ran = false;
  event_loop::timer soon(loop, [&] {
    timer_ran = true;
    EXPECT_LT(turns, 1000) << "a busy queue keeps nobody from happening";
  });
  soon.start_after(0s);
  loop.run();
  EXPECT_TRUE(timer_ran);
}

TEST(EventLoop, StopsWhenItIsTold) {
  event_loop loop;
  int ran = 0;
  loop.post([&] {
    ++ran;
    loop.stop();
    loop.post([&] { ++ran; });
  });
  loop.post([&] { ++ran; });
  loop.run();
  EXPECT_EQ(ran, 2) << "the turn is done, the next one is not begun";
  loop.run();
  EXPECT_EQ(ran, 3);
}

TEST(EventLoop, WhatNeverHappensGoesWithTheLoop) {
  auto held = std::make_shared<int>(0);
  {
    event_loop loop;
    loop.post([held] {});
    loop.post_from_any_thread([held] {});
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(EventLoop, AnExceptionLeavesRunAndTheRestStays) {
  event_loop loop;
  int ran = 0;
  loop.post([] { throw std::runtime_error("failed"); });
  loop.post([&] { ++ran; });
  EXPECT_THROW(loop.run(), std::runtime_error);
  EXPECT_EQ(ran, 0);
  loop.run();
  EXPECT_EQ(ran, 1);
}

TEST(EventLoop, OtherThreadsPost) {
  event_loop loop;
  std::vector<int> seen;
  std::jthread other;
  {
    event_loop::keeper keeper(loop);
    other = std::jthread([&] {
      for (int i = 0; i < 100; ++i) loop.post_from_any_thread([&seen, i] { seen.push_back(i); });
      loop.post_from_any_thread([&] { loop.stop(); });
    });
    loop.run();
  }
  ASSERT_EQ(seen.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
}

TEST(EventLoop, OtherThreadsStopIt) {
  event_loop loop;
  event_loop::keeper keeper(loop);
  std::jthread other([&] { loop.stop(); });
  loop.run();
}

TEST(EventLoop, TimersGoInTheOrderOfTheirTimes) {
  event_loop loop;
  std::string story;
  const Instant start = instant_now();
  event_loop::timer late(loop, [&] { story += "c"; });
  event_loop::timer early(loop, [&] { story += "a"; });
  event_loop::timer same(loop, [&] { story += "b"; });
  late.start_at(start + 3 * k_millisecond);
  early.start_at(start + k_millisecond);
  same.start_at(start + k_millisecond);
  loop.run();
  EXPECT_EQ(story, "abc");
  EXPECT_GE(instant_now(), start + 3 * k_millisecond);
}

TEST(EventLoop, StoppedTimersDoNothing) {
  event_loop loop;
  event_loop::timer other(loop, [] { ADD_FAILURE(); });
  event_loop::timer first(loop, [&] { other.stop(); });
  first.start_at(0);
  other.start_at(0);
  {
    event_loop::timer gone(loop, [] { ADD_FAILURE(); });
    gone.start_at(0);
  }
  loop.run();
}

TEST(EventLoop, ATimerStartsItselfAgain) {
  event_loop loop;
  int ticks = 0;
  Instant last = 0;
  event_loop::timer repeated(loop, [&](auto& self) {
    if (++ticks < 3) self.start_at(last += 1000);
  });
  repeated.start_at(last = instant_now());
  loop.run();
  EXPECT_EQ(ticks, 3);
}

TEST(EventLoop, WatchesADescriptor) {
  event_loop loop;
  ImpatientPipe pipe;
  std::string seen;
  event_loop::watch watch(loop, [&](auto& self) {
    seen += pipe.take();
    if (seen.size() == 2) self.stop();
  });
  ASSERT_TRUE(watch.start_reading(pipe.reader.get()));
  pipe.put('x');
  pipe.put('y');
  loop.run();
  EXPECT_EQ(seen, "xy");
}

TEST(EventLoop, WatchesBothDirectionsOfOneDescriptor) {
  event_loop loop;
  int ends[2];
  ASSERT_TRUE(sys::socketpair(abi::k_af_unix, abi::k_sock_stream, 0, ends));
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  std::string story;
  event_loop::watch reader(loop, [&](auto& self) {
    char c;
    EXPECT_EQ(sys::read(ours.get(), &c, 1).value_or(0), 1u);
    story += c;
    self.stop();
  });
  event_loop::watch writer(loop, [&](auto& self) {
    story += "w";
    self.stop();
    EXPECT_EQ(sys::write(theirs.get(), "r", 1).value_or(0), 1u);
  });
  ASSERT_TRUE(reader.start_reading(ours.get()));
  ASSERT_TRUE(writer.start_writing(ours.get()));
  loop.run();
  EXPECT_EQ(story, "wr");
}

TEST(EventLoop, OneWatchADirection) {
  event_loop loop;
  ImpatientPipe pipe;
  event_loop::watch first(loop, [] {});
  event_loop::watch second(loop, [] {});
  ASSERT_TRUE(first.start_reading(pipe.reader.get()));
  EXPECT_EQ(second.start_reading(pipe.reader.get()).error(), Errno::exist);
  EXPECT_EQ(first.start_writing(pipe.writer.get()).error(), Errno::exist);
  first.stop();
  EXPECT_TRUE(second.start_reading(pipe.reader.get()));
}

TEST(EventLoop, WhatCannotBeWatched) {
  event_loop loop;
  event_loop::watch watch(loop, [] {});
  EXPECT_EQ(watch.start_reading(-1).error(), Errno::badf);
  EXPECT_EQ(watch.start_reading(1000).error(), Errno::badf);
  auto file = open_file("/proc/self/exe");
  ASSERT_TRUE(file);
  EXPECT_EQ(watch.start_reading(file->get()).error(), Errno::perm);
  loop.run();
}

TEST(EventLoop, AHangUpIsNewsForTheReader) {
  event_loop loop;
  ImpatientPipe pipe;
  bool told = false;
  event_loop::watch watch(loop, [&](auto& self) {
    told = true;
    self.stop();
  });
  ASSERT_TRUE(watch.start_reading(pipe.reader.get()));
  pipe.writer = Descriptor();
  loop.run();
  EXPECT_TRUE(told);
}

TEST(EventLoop, RunsATask) {
  event_loop loop;
  auto body = [](event_loop& loop) -> task<int> {
    co_await loop.turn();
    co_return 3;
  };
  EXPECT_EQ(loop.run(body(loop)), 3);
  auto failing = [](event_loop& loop) -> task<> {
    co_await loop.turn();
    throw std::runtime_error("failed");
  };
  EXPECT_THROW(loop.run(failing(loop)), std::runtime_error);
}

TEST(EventLoop, ATaskSleepsNotTooShort) {
  event_loop loop;
  auto body = [](event_loop& loop) -> task<> {
    co_await loop.sleep_for(1ms);
    co_await loop.sleep_for(-1ms);
  };
  const Instant start = instant_now();
  loop.run(body(loop));
  EXPECT_GE(instant_now(), start + k_millisecond);
}

TEST(EventLoop, TasksAndCallbacksShareIt) {
  event_loop loop;
  ImpatientPipe pipe;
  auto reader = [](event_loop& loop, ImpatientPipe& pipe) -> task<std::string> {
    std::string seen;
    for (;;) {
      EXPECT_TRUE(co_await loop.readable(pipe.reader.get()));
      const char c = pipe.take();
      if (c == '.') co_return seen;
      seen += c;
    }
  };
  for (char c : std::string("text.")) loop.post([&pipe, c] { pipe.put(c); });
  EXPECT_EQ(loop.run(reader(loop, pipe)), "text");
}

TEST(EventLoop, AwaitingWhatCannotBeWatchedIsAnError) {
  event_loop loop;
  auto body = [](event_loop& loop) -> task<Result<>> { co_return co_await loop.readable(-1); };
  EXPECT_EQ(loop.run(body(loop)).error(), Errno::badf);
}

}  // namespace
}  // namespace weft
