#include "userlib/coro/channel/channel.hh"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/coro/lone.hh"
#include "userlib/coro/channel/select.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::coro {
namespace {

using namespace std::chrono_literals;

TEST(CoroChannel, ARendezvousNeedsBoth) {
  lone([] {
    channel<int> meeting;
    EXPECT_EQ(meeting.try_send(1).error(), Refusal::would_wait);
    EXPECT_EQ(meeting.try_receive().error(), Refusal::would_wait);
    bool sent = false;
    auto sender = go([&] {
      EXPECT_TRUE(meeting.send(1));
      sent = true;
    });
    let_others_run();
    EXPECT_FALSE(sent);
    EXPECT_EQ(meeting.receive(), 1);
    sender.join();
    auto receiver = go([&] { EXPECT_EQ(meeting.receive(), 2); });
    let_others_run();
    EXPECT_TRUE(meeting.try_send(2));
    receiver.join();
  });
}

TEST(CoroChannel, ABoundedOneTakesSoMany) {
  lone([] {
    channel<int> buffer(2);
    EXPECT_TRUE(buffer.send(1));
    EXPECT_TRUE(buffer.send(2));
    EXPECT_EQ(buffer.size(), 2u);
    EXPECT_FALSE(buffer.try_send(3));
    auto sender = go([&] { EXPECT_TRUE(buffer.send(3)); });
    let_others_run();
    EXPECT_EQ(buffer.receive(), 1);
    EXPECT_TRUE(buffer.size() == 2) << "the value of the one who waited has moved up";
    sender.join();
    EXPECT_EQ(buffer.receive(), 2);
    EXPECT_EQ(buffer.try_receive(), 3);
  });
}

TEST(CoroChannel, AnUnboundedOneTakesAll) {
  lone([] {
    channel<int> heap(channel<int>::k_unbounded);
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(heap.try_send(i));
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(heap.try_receive(), i);
  });
}

TEST(CoroChannel, TheRingGoesRound) {
  lone([] {
    channel<std::string> ring(10);
    int in = 0;
    int out = 0;
    for (int round = 0; round < 100; ++round) {
      for (int i = 0; i < round % 10; ++i) EXPECT_TRUE(ring.try_send(std::to_string(in++)));
      while (auto value = ring.try_receive()) EXPECT_EQ(*value, std::to_string(out++));
    }
    EXPECT_EQ(in, out);
  });
}

TEST(CoroChannel, ServesInTheOrderOfComing) {
  lone([] {
    channel<char> meeting;
    std::string story;
    std::vector<handle<void>> all;
    for (char name : {'a', 'b', 'c'})
      all.push_back(go([&, name] { EXPECT_TRUE(meeting.send(name)); }));
    let_others_run();
    for (int i = 0; i < 3; ++i) story += *meeting.receive();
    EXPECT_EQ(story, "abc");
    for (auto& each : all) each.join();
  });
}

TEST(CoroChannel, ClosedItIsEmptiedAndThenTellsSo) {
  lone([] {
    channel<int> buffer(2);
    EXPECT_TRUE(buffer.send(1));
    buffer.close();
    buffer.close();
    EXPECT_TRUE(buffer.is_closed());
    EXPECT_FALSE(buffer.send(2));
    EXPECT_EQ(buffer.try_send(2).error(), Refusal::closed);
    EXPECT_EQ(buffer.receive(), 1);
    EXPECT_EQ(buffer.receive(), std::nullopt);
    EXPECT_EQ(buffer.receive_until(k_never).error(), Refusal::closed);
  });
}

TEST(CoroChannel, ClosingWakesAllWhoWait) {
  lone([] {
    channel<int> meeting;
    channel<int> other;
    std::vector<handle<void>> all;
    for (int i = 0; i < 3; ++i) {
      all.push_back(go([&] { EXPECT_EQ(meeting.receive(), std::nullopt); }));
      all.push_back(go([&] { EXPECT_FALSE(other.send(1)); }));
    }
    let_others_run();
    meeting.close();
    other.close();
    for (auto& each : all) each.join();
  });
}

TEST(CoroChannel, GivesUpAtDeadlinesAndCancellations) {
  lone([] {
    channel<int> meeting;
    EXPECT_EQ(meeting.receive_for(1ms).error(), Refusal::timed_out);
    EXPECT_EQ(meeting.send_for(1, 1ms).error(), Refusal::timed_out);
    auto receiver = go([&] { EXPECT_EQ(meeting.receive(), std::nullopt); });
    let_others_run();
    receiver.cancel();
    receiver.join();
    auto sender =
        go([&] { EXPECT_EQ(meeting.send_until(1, k_never).error(), Refusal::cancelled); });
    let_others_run();
    sender.cancel();
    sender.join();
    EXPECT_EQ(meeting.try_receive().error(), Refusal::would_wait)
        << "the value left with its sender";
  });
}

TEST(CoroChannel, ARefusedValueStaysWithItsSender) {
  lone([] {
    channel<std::unique_ptr<int>> meeting;
    auto value = std::make_unique<int>(1);
    EXPECT_FALSE(meeting.try_send(std::move(value)));
    EXPECT_NE(value, nullptr);
  });
}

TEST(CoroChannel, IsARange) {
  lone([] {
    static_assert(std::input_iterator<channel<int>::iterator>);
    channel<int> numbers(4);
    auto producer = go([&] {
      for (int i = 0; i < 10; ++i) numbers.send(i);
      numbers.close();
    });
    int expected = 0;
    for (int n : numbers) EXPECT_EQ(n, expected++);
    EXPECT_EQ(expected, 10);
    producer.join();
  });
}

TEST(CoroChannel, WhatLiesInItGoesWithIt) {
  auto value = std::make_shared<int>(1);
  {
    channel<std::shared_ptr<int>> buffer(3);
    EXPECT_TRUE(buffer.try_send(value));
    EXPECT_EQ(value.use_count(), 2);
  }
  EXPECT_EQ(value.use_count(), 1);
}

TEST(CoroSelect, DoesWhatCanBeDone) {
  lone([] {
    channel<int> numbers(1);
    channel<std::string> words(1);
    EXPECT_TRUE(words.send("word"));
    std::string story;
    const auto receive = [&] {
      return select(on_receive(numbers, [&](std::optional<int> n) { story += std::to_string(*n); }),
                    on_receive(words, [&](std::optional<std::string> word) { story += *word; }),
                    otherwise([&] { story += "nothing"; }));
    };
    EXPECT_EQ(receive(), 1u);
    EXPECT_EQ(receive(), 2u);
    EXPECT_EQ(story, "wordnothing");
  });
}

TEST(CoroSelect, WaitsForTheFirst) {
  lone([] {
    channel<int> numbers;
    channel<int> others;
    int got = 0;
    auto waiting = go([&] {
      return *select(on_receive(numbers, [&](std::optional<int> n) { got = *n; }),
                     on_send(others, 7, [&](bool was_sent) { EXPECT_TRUE(was_sent); }));
    });
    let_others_run();
    EXPECT_TRUE(numbers.try_send(3));
    EXPECT_EQ(waiting.join(), 0u);
    EXPECT_EQ(got, 3);
    EXPECT_EQ(others.try_receive().error(), Refusal::would_wait) << "only one of the two was done";
  });
}

TEST(CoroSelect, SendsToWhoeverComesFirst) {
  lone([] {
    channel<int> left;
    channel<int> right;
    auto sender = go([&] { return *select(on_send(left, 1, [] {}), on_send(right, 2, [] {})); });
    let_others_run();
    EXPECT_EQ(right.receive(), 2);
    EXPECT_EQ(sender.join(), 1u);
    EXPECT_FALSE(left.try_receive());
  });
}

TEST(CoroSelect, TwoSelectsMeet) {
  lone([] {
    channel<int> one;
    channel<int> two;
    int got = 0;
    auto receiver = go([&] {
      select(on_receive(one, [&](std::optional<int> n) { got = *n; }),
             on_receive(two, [&](std::optional<int> n) { got = *n; }));
    });
    auto sender = go([&] { select(on_send(two, 2, [] {}), on_send(one, 1, [] {})); });
    receiver.join();
    sender.join();
    EXPECT_TRUE(got == 1 || got == 2);
    EXPECT_FALSE(one.try_receive());
    EXPECT_FALSE(two.try_receive());
  });
}

TEST(CoroSelect, TimesOut) {
  lone([] {
    channel<int> silent;
    bool timed_out = false;
    const Instant start = now();
    EXPECT_EQ(select(on_receive(silent, [] { ADD_FAILURE(); }), after(1h, [] { ADD_FAILURE(); }),
                     after(1ms, [&] { timed_out = true; })),
              2u);
    EXPECT_TRUE(timed_out);
    EXPECT_GE(now(), start + k_millisecond);
    EXPECT_EQ(select(after(1ms, [] {})), 0u) << "without channels, a sleep";
  });
}

TEST(CoroSelect, IsCancelled) {
  lone([] {
    channel<int> silent;
    auto waiting = go([&] { return select(on_receive(silent, [] { ADD_FAILURE(); })); });
    let_others_run();
    waiting.cancel();
    EXPECT_EQ(waiting.join(), std::nullopt);
    EXPECT_FALSE(silent.try_send(1)) << "nobody is in the queue any more";
  });
}

TEST(CoroSelect, AClosedChannelCanBeReceivedFromAndNotSentTo) {
  lone([] {
    channel<int> shut;
    shut.close();
    std::string story;
    select(on_receive(shut, [&](std::optional<int> n) { story += n ? "value" : "closed"; }));
    select(on_send(shut, 1, [&](bool was_sent) { story += was_sent ? "sent" : "refused"; }));
    EXPECT_EQ(story, "closedrefused");
    channel<int> open;
    auto waiting = go([&] {
      select(on_receive(open, [&](std::optional<int> n) { EXPECT_EQ(n, std::nullopt); }));
    });
    let_others_run();
    open.close();
    waiting.join();
  });
}

TEST(CoroSelect, ABusyChannelKeepsNoneFromItsTurn) {
  lone([] {
    channel<int> busy(100);
    channel<int> calm(100);
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(busy.try_send(i));
      EXPECT_TRUE(calm.try_send(i));
    }
    int from_calm = 0;
    for (int i = 0; i < 100; ++i)
      select(on_receive(busy, [] {}), on_receive(calm, [&] { ++from_calm; }));
    EXPECT_EQ(from_calm, 50);
  });
}

TEST(CoroSelect, OneChannelMayStandInSeveralCases) {
  lone([] {
    channel<int> both;
    auto partner = go([&] { EXPECT_EQ(both.receive(), 5); });
    let_others_run();
    EXPECT_EQ(select(on_receive(both, [] {}), on_send(both, 5, [] {}), on_receive(both, [] {})),
              1u);
    partner.join();
    auto waiting = go([&] { return *select(on_receive(both, [] {}), on_send(both, 6, [] {})); });
    let_others_run();
    EXPECT_EQ(both.receive(), 6);
    EXPECT_EQ(waiting.join(), 1u);
  });
}

TEST(CoroSelect, TasksSelect) {
  lone([] {
    channel<int> numbers;
    event is_ready;
    int got = 0;
    auto body = [&]() -> task<size_t> {
      EXPECT_EQ(co_await async_select(on_receive(numbers, [] {}), after(1ms, [] {})), 1u);
      EXPECT_EQ(co_await async_select(on_receive(numbers, [] {}), otherwise([] {})), 1u);
      is_ready.set();
      co_return *co_await async_select(
          on_receive(numbers, [&](std::optional<int> n) { got = *n; }));
    };
    auto selecting = spawn(body());
    is_ready.wait();
    EXPECT_TRUE(numbers.send(4));
    EXPECT_EQ(selecting.join(), 0u);
    EXPECT_EQ(got, 4);
    auto cancelled = [&]() -> task<> {
      EXPECT_EQ(co_await async_select(on_receive(numbers, [] {})), std::nullopt);
      EXPECT_EQ(co_await async_select(on_receive(numbers, [] {})), std::nullopt) << "still";
    };
    auto waiting = spawn(cancelled());
    let_others_run();
    waiting.cancel();
    waiting.join();
  });
}

}  // namespace
}  // namespace weft::coro
