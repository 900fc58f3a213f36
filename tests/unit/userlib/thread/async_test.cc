// async() and shared_future: who does the work, when, and who sees its value.
#include <future>
#include <memory>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "userlib/thread/async.hh"
#include "userlib/thread/latch.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

TEST(Async, RunsOnAThreadOfItsOwn) {
  const auto caller = this_thread::get_id();
  auto where = async(launch::async, [] { return this_thread::get_id(); });
  EXPECT_NE(where.get(), caller);
  EXPECT_FALSE(where.valid());
}

TEST(Async, DeferredRunsByWhoAsksForItAndOnce) {
  int calls = 0;
  auto answer = async(launch::deferred, [&calls](int n) { return calls += n; }, 5);
  EXPECT_EQ(answer.wait_for(0s), future_status::deferred);
  EXPECT_EQ(answer.wait_until(std::chrono::steady_clock::now() + 1h), future_status::deferred);
  EXPECT_EQ(calls, 0);
  answer.wait();
  EXPECT_EQ(calls, 5);
  EXPECT_EQ(answer.wait_for(0s), future_status::ready);
  EXPECT_EQ(answer.get(), 5);
  EXPECT_EQ(calls, 5);
}

TEST(Async, DeferredIsNeverRunIfNobodyAsks) {
  int calls = 0;
  {
    (void)async(launch::deferred, [&calls] { ++calls; }).valid();
  }
  EXPECT_EQ(calls, 0);
}

TEST(Async, TheLastFutureThatGoesWaitsForTheEnd) {
  bool done = false;  // no atomic: the end of the thread orders it
  latch may_go(1);
  {
    auto first = async(launch::async, [&] {
      may_go.wait();
      done = true;
    });
    may_go.count_down();
  }
  EXPECT_TRUE(done);
}

TEST(Async, ArgumentsAreMovedInAndValuesOut) {
  auto sum = async([](std::unique_ptr<int> a, int b) { return std::make_unique<int>(*a + b); },
                   std::make_unique<int>(3), 4);
  EXPECT_EQ(*sum.get(), 7);
  int target = 1;
  auto reference = async(launch::deferred, [&target]() -> int& { return target; });
  EXPECT_EQ(&reference.get(), &target);
}

TEST(Async, ExceptionsComeOutOfGet) {
  for (const launch policy : {launch::async, launch::deferred}) {
    auto broken = async(policy, [] { throw std::runtime_error("broken"); });
    EXPECT_THROW(broken.get(), std::runtime_error);
  }
}

TEST(SharedFuture, AllSeeTheSameValue) {
  promise<std::vector<int>> kept;
  const shared_future<std::vector<int>> first = kept.get_future().share();
  std::vector<thread> readers;
  latch read(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([copy = first, &read, &first] {
      EXPECT_EQ(copy.get().size(), 2u);
      EXPECT_EQ(&copy.get(), &first.get());
      read.count_down();
    });
  }
  kept.set_value(std::vector<int>{1, 2});
  read.wait();
  for (auto& each : readers) each.join();
  EXPECT_EQ(first.get().at(1), 2);
}

TEST(SharedFuture, DeferredWorkIsDoneByOneOfThoseWhoWait) {
  Atomic<int> calls{0};
  const auto shared = async(launch::deferred, [&] { return calls.fetch_add(1, relaxed); }).share();
  std::vector<thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([shared] { EXPECT_EQ(shared.get(), 0); });
  }
  for (auto& each : readers) each.join();
  EXPECT_EQ(calls.load(relaxed), 1);
}

TEST(SharedFuture, TakesTheFutureAwayAndThrowsAsOftenAsAsked) {
  promise<int> kept;
  auto only = kept.get_future();
  const shared_future<int> shared(std::move(only));
  EXPECT_FALSE(only.valid());
  EXPECT_TRUE(shared.valid());
  EXPECT_EQ(shared.wait_for(0s), future_status::timeout);
  kept.set_exception(std::make_exception_ptr(std::runtime_error("broken")));
  EXPECT_THROW(shared.get(), std::runtime_error);
  EXPECT_THROW(shared.get(), std::runtime_error);
  EXPECT_THROW(shared_future<int>().get(), std::future_error);
}

TEST(SharedFuture, OfAReferenceAndOfNothing) {
  int target = 1;
  promise<int&> reference;
  promise<void> nothing;
  const auto first = reference.get_future().share();
  const auto second = nothing.get_future().share();
  reference.set_value(target);
  nothing.set_value();
  EXPECT_EQ(&first.get(), &target);
  second.get();
  second.get();
}

}  // namespace
}  // namespace weft
