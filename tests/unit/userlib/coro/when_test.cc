#include "userlib/coro/stackless/when.hh"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/coro/lone.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/sleep.hh"

namespace weft::coro {
namespace {

using namespace std::chrono_literals;

task<int> number_after(int turns, int number) {
  for (int i = 0; i < turns; ++i) co_await async_yield();
  co_return number;
}

// Ends when it is cancelled, and counts that.
task<int> for_ever(int& cancelled) {
  EXPECT_EQ(co_await async_sleep_for(1h), Wake::cancelled);
  ++cancelled;
  co_return 0;
}

task<> rests(int& cancelled) { (void)co_await for_ever(cancelled); }

task<> fails_after(int turns) {
  for (int i = 0; i < turns; ++i) co_await async_yield();
  throw std::runtime_error("failed");
}

TEST(CoroScope, WaitsForAllThatBeginInIt) {
  lone([] {
    async_scope all;
    int done = 0;
    auto body = [](async_scope& all, int& done, int depth, auto& body) -> task<> {
      co_await async_yield();
      if (depth > 0) {
        all.spawn(body(all, done, depth - 1, body));
        all.spawn(body(all, done, depth - 1, body));
      }
      ++done;
    };
    all.spawn(body(all, done, 4, body));
    EXPECT_TRUE(all.join());
    EXPECT_EQ(done, 31);
    EXPECT_TRUE(all.join()) << "of nothing";
  });
}

TEST(CoroScope, AFailureCancelsTheRestAndIsTold) {
  lone([] {
    async_scope all;
    int cancelled = 0;
    auto rest = [](int& cancelled) -> task<> { (void)co_await for_ever(cancelled); };
    all.spawn(rest(cancelled));
    all.spawn(fails_after(3));
    all.spawn(rest(cancelled));
    EXPECT_THROW((void)all.join(), std::runtime_error);
    EXPECT_EQ(cancelled, 2);
  });
}

TEST(CoroScope, AnErrnoIsAFailureToo) {
  lone([] {
    async_scope all;
    int cancelled = 0;
    auto rest = [](int& cancelled) -> task<> { (void)co_await for_ever(cancelled); };
    auto failing = []() -> task<Result<>> {
      co_await async_yield();
      co_return fail(Errno::noent);
    };
    auto well = []() -> task<Result<>> { co_return Result<>(); };
    all.spawn(rest(cancelled));
    all.spawn(well());
    all.spawn(failing());
    EXPECT_EQ(all.join().error(), Errno::noent);
    EXPECT_EQ(cancelled, 1);
  });
}

TEST(CoroScope, CancelsThoseWhoBeginLater) {
  lone([] {
    async_scope all;
    int cancelled = 0;
    auto rest = [](int& cancelled) -> task<> { (void)co_await for_ever(cancelled); };
    all.spawn(rest(cancelled));
    all.cancel();
    all.spawn(rest(cancelled));
    EXPECT_TRUE(all.join());
    EXPECT_EQ(cancelled, 2);
  });
}

TEST(CoroScope, PassesACancellationOn) {
  lone([] {
    int cancelled = 0;
    auto waits = [&]() -> task<> {
      async_scope all;
      all.spawn(rests(cancelled));
      EXPECT_EQ((co_await all.async_join()).error(), Errno::intr);
    };
    auto waiting = spawn(waits());
    EXPECT_FALSE(waiting.wait_for(1ms));
    waiting.cancel();
    waiting.join();
    EXPECT_EQ(cancelled, 1);
  });
}

TEST(CoroScope, PassesACoroutinesCancellationOn) {
  lone([] {
    int cancelled = 0;
    auto waiting = go([&] {
      async_scope all;
      all.spawn(rests(cancelled));
      EXPECT_EQ(all.join().error(), Errno::intr);
    });
    for (int i = 0; i < 10; ++i) yield();
    waiting.cancel();
    waiting.join();
    EXPECT_EQ(cancelled, 1);
  });
}

TEST(CoroScope, ItsDeadlineCancelsAll) {
  lone([] {
    int cancelled = 0;
    async_scope all(now() + k_millisecond);
    all.spawn(rests(cancelled));
    all.spawn(rests(cancelled));
    EXPECT_EQ(all.join().error(), Errno::timedout);
    auto waits = [&]() -> task<> {
      async_scope late(now() + k_millisecond);
      late.spawn(rests(cancelled));
      EXPECT_EQ((co_await late.async_join()).error(), Errno::timedout);
      async_scope in_time(now() + k_second * 1000);
      EXPECT_TRUE(co_await in_time.async_join());
    };
    spawn(waits()).join();
    EXPECT_EQ(cancelled, 3);
  });
}

TEST(CoroScope, MustBeJoined) {
  EXPECT_DEATH(lone([] {
                 async_scope all;
                 all.spawn(fails_after(3));
               }),
               "joined before it goes");
}

TEST(CoroWhenAll, BringsAllResultsInTheirOrder) {
  lone([] {
    auto nothing = []() -> task<> { co_return; };
    auto words = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
    auto both = [&]() -> task<> {
      auto [slow, none, quick, box] =
          co_await when_all(number_after(5, 1), nothing(), number_after(0, 2), words());
      EXPECT_EQ(slow, 1);
      EXPECT_EQ(none, std::monostate());
      EXPECT_EQ(quick, 2);
      EXPECT_EQ(*box, 3);
      co_await when_all();
    };
    spawn(both()).join();
  });
}

TEST(CoroWhenAll, WaitsForAllEvenIfOneThrows) {
  lone([] {
    bool is_done = false;
    auto slow = [](bool& is_done) -> task<> {
      (void)co_await number_after(10, 0);
      is_done = true;
    };
    auto both = [&]() -> task<> { co_await when_all(fails_after(1), slow(is_done)); };
    EXPECT_THROW(spawn(both()).join(), std::runtime_error);
    EXPECT_TRUE(is_done);
  });
}

TEST(CoroWhenAny, BringsTheFirstAndCancelsTheRest) {
  lone([] {
    int cancelled = 0;
    auto race = [&]() -> task<> {
      auto [index, value] =
          co_await when_any(for_ever(cancelled), number_after(3, 7), for_ever(cancelled));
      EXPECT_EQ(index, 1u);
      EXPECT_EQ(value.index(), 1u);
      EXPECT_EQ(std::get<1>(value), 7);
      EXPECT_EQ(cancelled, 2);
    };
    spawn(race()).join();
  });
}

TEST(CoroWhenAny, AFailureCanBeTheFirst) {
  lone([] {
    int cancelled = 0;
    auto race = [&]() -> task<> { (void)co_await when_any(for_ever(cancelled), fails_after(1)); };
    EXPECT_THROW(spawn(race()).join(), std::runtime_error);
    EXPECT_EQ(cancelled, 1);
  });
}

TEST(CoroWhenAny, IsCancelledWithItsWaiter) {
  lone([] {
    int cancelled = 0;
    auto race = [&]() -> task<> {
      auto first = co_await when_any(for_ever(cancelled), for_ever(cancelled));
      EXPECT_LT(first.index, 2u);
    };
    auto racing = spawn(race());
    EXPECT_FALSE(racing.wait_for(1ms));
    racing.cancel();
    racing.join();
    EXPECT_EQ(cancelled, 2);
  });
}

TEST(CoroJoin, AllOfThem) {
  lone([] {
    auto [one, two] = join_all(go([] { return 1; }), go([] { return std::string("two"); }));
    EXPECT_EQ(one, 1);
    EXPECT_EQ(two, "two");
    int done = 0;
    join_all(go([&] { ++done; }), go([&] { ++done; }));
    std::vector<handle<void>> many;
    for (int i = 0; i < 5; ++i) many.push_back(go([&] { ++done; }));
    join_all(many);
    EXPECT_EQ(done, 7);
  });
}

TEST(CoroJoin, AllAreOverBeforeAnExceptionComesOut) {
  lone([] {
    int done = 0;
    const auto late = [&] {
      sleep_for(1ms);
      return ++done;
    };
    std::vector<handle<int>> many;
    many.push_back(go([]() -> int { throw std::runtime_error("first"); }));
    many.push_back(go([]() -> int { throw std::logic_error("second"); }));
    many.push_back(go(late));
    EXPECT_THROW(join_all(many), std::runtime_error);
    EXPECT_EQ(done, 1);
    EXPECT_THROW((void)join_all(go([]() -> int { throw std::runtime_error("first"); }), go(late)),
                 std::runtime_error);
    EXPECT_EQ(done, 2);
    EXPECT_THROW(join_all(go([] { throw std::runtime_error("first"); }), go([&] { (void)late(); })),
                 std::runtime_error);
    EXPECT_EQ(done, 3);
  });
}

TEST(CoroJoin, AllOfThemInTime) {
  lone([] {
    event gate;
    std::vector<handle<void>> many;
    for (int i = 0; i < 3; ++i) many.push_back(go([&] { gate.wait(); }));
    EXPECT_FALSE(wait_for_all_until(many, now() + k_millisecond));
    gate.set();
    EXPECT_TRUE(wait_for_all_until(many, now() + k_second * 1000));
    join_all(many);
  });
}

TEST(CoroJoin, AnExceptionCanBeTheFirst) {
  lone([] {
    int cancelled = 0;
    const auto sleep = [&] { cancelled += sleep_for(3600s) == Wake::cancelled; };
    EXPECT_THROW((void)first_of(sleep, [] { throw std::runtime_error("first"); }),
                 std::runtime_error);
    EXPECT_EQ(cancelled, 1);
    // What comes later than the first is dropped.
    EXPECT_EQ(first_of([] { yield(); },
                       [&] {
                         sleep();
                         throw std::runtime_error("late");
                       }),
              0u);
    EXPECT_EQ(cancelled, 2);
  });
}

TEST(CoroJoin, TheFirstOfThemInTime) {
  lone([] {
    int cancelled = 0;
    const auto sleep = [&] { cancelled += sleep_for(3600s) == Wake::cancelled; };
    EXPECT_EQ(first_of_until(now() + k_millisecond, sleep, sleep), std::nullopt);
    EXPECT_EQ(cancelled, 2);
    EXPECT_EQ(first_of_until(now() + k_second * 1000, sleep, [] {}), 1u);
    EXPECT_EQ(cancelled, 3);
  });
}

TEST(CoroJoin, TheFirstOfThem) {
  lone([] {
    int cancelled = 0;
    const auto sleep = [&] { cancelled += sleep_for(3600 * k_second) == Wake::cancelled; };
    EXPECT_EQ(first_of(sleep, [] { yield(); }, sleep), 1u);
    EXPECT_EQ(cancelled, 2);
    auto waiting = go([&] { (void)first_of(sleep, sleep); });
    for (int i = 0; i < 10; ++i) yield();
    waiting.cancel();
    waiting.join();
    EXPECT_EQ(cancelled, 4);
  });
}

}  // namespace
}  // namespace weft::coro
