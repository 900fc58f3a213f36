#include "userlib/coro/channel/select_ready.hh"

#include <string>

#include <gtest/gtest.h>

#include "unit/userlib/coro/pipes.hh"
#include "userlib/base/file.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/async_call.hh"
#include "userlib/coro/stackless/spawn.hh"

namespace weft::coro {
namespace {

using namespace std::chrono_literals;

class CoroReady : public testing::TestWithParam<Mode> {
 protected:
  template <typename Function>
  void run_all(Function function) {
    run(Options{.mode = GetParam(), .workers = 2}, std::move(function));
  }
};

INSTANTIATE_TEST_SUITE_P(, CoroReady, testing::Values(Mode::lone, Mode::shared));

TEST_P(CoroReady, ADescriptorAmongChannels) {
  run_all([] {
    ImpatientPipe pipe;
    channel<int> numbers;
    const auto wait = [&] {
      return *select(on_receive(numbers, [] {}), on_readable(pipe.reader.get(), [] {}),
                     after(1ms, [] {}));
    };
    EXPECT_EQ(wait(), 2u);
    auto writer = go([&] {
      yield();
      EXPECT_TRUE(sys::write(pipe.writer.get(), "x", 1));
    });
    EXPECT_EQ(*select(on_receive(numbers, [] {}), on_readable(pipe.reader.get(), [] {})), 1u);
    writer.join();
    EXPECT_EQ(*select(on_readable(pipe.reader.get(), [] {}), otherwise([] {})), 0u) << "at once";
    auto sender = go([&] { EXPECT_TRUE(numbers.send(1)); });
    char c;
    EXPECT_TRUE(sys::read(pipe.reader.get(), &c, 1));
    EXPECT_EQ(*select(on_receive(numbers, [] {}), on_readable(pipe.reader.get(), [] {})), 0u);
    sender.join();
  });
}

TEST_P(CoroReady, WritableAndWrongDescriptors) {
  run_all([] {
    ImpatientPipe pipe;
    EXPECT_EQ(*select(on_writable(pipe.writer.get(), [] {})), 0u);
    select(on_readable(1000, [](Result<> ready) { EXPECT_EQ(ready.error(), Errno::badf); }));
  });
}

TEST_P(CoroReady, TasksSelectDescriptors) {
  run_all([] {
    ImpatientPipe pipe;
    auto body = [&]() -> task<> {
      EXPECT_EQ(*co_await async_select(on_readable(pipe.reader.get(), [] {}), after(1ms, [] {})),
                1u);
      EXPECT_TRUE(sys::write(pipe.writer.get(), "x", 1));
      EXPECT_EQ(*co_await async_select(on_readable(pipe.reader.get(), [] {})), 0u);
    };
    spawn(body()).join();
  });
}

TEST_P(CoroReady, TasksCallWhatNeedsAStack) {
  run_all([] {
    ImpatientPipe pipe;
    auto reader = [&]() -> task<std::string> {
      std::string text;
      for (;;) {
        char c;
        const auto count = co_await async_call([&] { return read(pipe.reader.get(), &c, 1); });
        if (!count || *count == 0) co_return text;
        text += c;
      }
    };
    auto reading = spawn(reader());
    for (char c : std::string("text")) {
      EXPECT_TRUE(sys::write(pipe.writer.get(), &c, 1));
      yield();
    }
    pipe.writer = Descriptor();
    EXPECT_EQ(reading.join(), "text");
  });
}

TEST_P(CoroReady, ACancellationReachesTheFunction) {
  run_all([] {
    ImpatientPipe pipe;
    auto body = [&]() -> task<> {
      char c;
      auto count = co_await async_call([&] { return read(pipe.reader.get(), &c, 1); });
      EXPECT_EQ(count.error(), Errno::intr);
      bool has_thrown = false;
      try {
        co_await async_call([] { throw 1; });
      } catch (int) {
        has_thrown = true;
      }
      EXPECT_TRUE(has_thrown);
    };
    auto reading = spawn(body());
    EXPECT_FALSE(reading.wait_for(1ms));
    reading.cancel();
    reading.join();
  });
}

}  // namespace
}  // namespace weft::coro
