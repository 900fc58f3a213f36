// Queue, future, pool, timer: threads that work for others.
#include <future>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/thread/team.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/queue.hh"
#include "userlib/thread/thread_pool.hh"
#include "userlib/thread/timer.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

TEST(Queue, KeepsTheOrder) {
  queue<std::unique_ptr<int>> items;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(items.push(std::make_unique<int>(i)));
  EXPECT_EQ(items.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(**items.pop(), i);
  EXPECT_EQ(items.try_pop().error(), Errno::again);
}

TEST(Queue, AFullOneRefusesAndKeepsNothing) {
  queue<std::unique_ptr<int>> items(1);
  auto item = std::make_unique<int>(1);
  EXPECT_TRUE(items.try_push(std::move(item)));
  item = std::make_unique<int>(2);
  EXPECT_EQ(items.try_push(std::move(item)).error(), Errno::again);
  EXPECT_EQ(items.push_for(std::move(item), 1us).error(), Errno::timedout);
  EXPECT_EQ(*item, 2);
}

TEST(Queue, HasRoomForSomething) { EXPECT_DEATH(queue<int>(0), "room for at least one"); }

TEST(Queue, ClosingEndsAllWaits) {
  queue<int> full(1);
  queue<int> empty;
  ASSERT_TRUE(full.push(1));
  thread producer([&] { EXPECT_EQ(full.push(2).error(), Errno::pipe); });
  thread consumer([&] { EXPECT_EQ(empty.pop().error(), Errno::pipe); });
  wait_until_asleep(producer);
  wait_until_asleep(consumer);
  full.close();
  empty.close();
  producer.join();
  consumer.join();
  EXPECT_TRUE(full.is_closed());
  EXPECT_EQ(full.pop().value(), 1);  // what was in it comes out
  EXPECT_EQ(full.pop().error(), Errno::pipe);
  EXPECT_EQ(full.try_push(3).error(), Errno::pipe);
  EXPECT_EQ(empty.pop_for(1us).error(), Errno::pipe);
}

TEST(Queue, WaitsEndByTime) {
  queue<int> items;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(items.pop_for(2ms).error(), Errno::timedout);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
}

// A clock that somebody sets: when the wait is over on the steady one, it has been put back.
struct PutBackClock {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<PutBackClock>;
  static inline std::vector<int> shown;  // the last one last
  static time_point now() {
    const int next = shown.front();
    if (shown.size() > 1) shown.erase(shown.begin());
    return time_point(duration(next));
  }
};

TEST(Queue, WaitsEndAtATimeOfAnyClock) {
  const auto soon = [] { return std::chrono::steady_clock::now() + 1ms; };
  const auto some_day = std::chrono::system_clock::now() + 24h;
  queue<int> items(1);
  EXPECT_EQ(items.pop_until(soon()).error(), Errno::timedout);
  const int item = 1;
  EXPECT_TRUE(items.push_until(item, some_day));
  EXPECT_EQ(items.push_until(2, soon()).error(), Errno::timedout);
  EXPECT_EQ(items.push_for(item, 1us).error(), Errno::timedout);
  EXPECT_EQ(items.try_push(item).error(), Errno::again);
  EXPECT_EQ(items.pop_until(some_day).value(), 1);
  PutBackClock::shown = {0, 0, 0, 2};
  EXPECT_EQ(items.pop_until(PutBackClock::time_point(1ms)).error(), Errno::timedout);
  EXPECT_EQ(PutBackClock::shown.size(), 1u) << "it is asked until its time has come";
  items.close();
  EXPECT_EQ(items.pop_until(some_day).error(), Errno::pipe);
  EXPECT_EQ(items.push_until(3, some_day).error(), Errno::pipe);
}

// Nothing is lost, nothing comes twice, and what one producer sent comes in its order.
TEST(Queue, ManyProducersAndConsumers) {
  constexpr int k_each = 2000;
  queue<std::pair<int, int>> items(7);
  mutex lock;
  std::vector<std::vector<int>> got(3);
  Atomic<int> producing{3};
  run_team(6, [&](unsigned own) {
    if (own < 3) {
      for (int i = 0; i < k_each; ++i) ASSERT_TRUE(items.push({static_cast<int>(own), i}));
      if (producing.fetch_sub(1, acq_rel) == 1) items.close();
      return;
    }
    std::vector<int> last(3, -1);
    while (const auto item = items.pop()) {
      const auto [from, number] = *item;
      EXPECT_GT(number, last[static_cast<size_t>(from)]);
      last[static_cast<size_t>(from)] = number;
      const lock_guard guard(lock);
      got[static_cast<size_t>(from)].push_back(number);
    }
  });
  for (auto& each : got) {
    std::sort(each.begin(), each.end());
    std::vector<int> all(k_each);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(each, all);
  }
}

TEST(Future, BringsAValue) {
  promise<std::unique_ptr<int>> kept;
  auto answer = kept.get_future();
  EXPECT_TRUE(answer.valid());
  EXPECT_EQ(answer.wait_for(1us), future_status::timeout);
  EXPECT_EQ(answer.wait_until(std::chrono::system_clock::now()), future_status::timeout);
  thread other([&] { kept.set_value(std::make_unique<int>(5)); });
  EXPECT_EQ(*answer.get(), 5);
  EXPECT_FALSE(answer.valid());
  other.join();
}

TEST(Future, BringsReferencesAndNothing) {
  int place = 1;
  promise<int&> reference;
  promise<void> nothing;
  auto first = reference.get_future();
  auto second = nothing.get_future();
  reference.set_value(place);
  nothing.set_value();
  EXPECT_EQ(&first.get(), &place);
  second.wait();
  EXPECT_EQ(second.wait_for(0s), future_status::ready);
  second.get();
}

std::future_errc code_of(auto action) {
  try {
    action();
  } catch (const std::future_error& error) {
    return static_cast<std::future_errc>(error.code().value());
  }
  return {};
}

TEST(Future, RefusesMisuse) {
  future<int> none;
  EXPECT_EQ(code_of([&] { none.get(); }), std::future_errc::no_state);
  EXPECT_EQ(code_of([&] { none.wait(); }), std::future_errc::no_state);
  promise<int> kept;
  auto answer = kept.get_future();
  EXPECT_EQ(code_of([&] { kept.get_future(); }), std::future_errc::future_already_retrieved);
  kept.set_value(1);
  EXPECT_EQ(code_of([&] { kept.set_value(2); }), std::future_errc::promise_already_satisfied);
  EXPECT_EQ(answer.get(), 1);
}

TEST(Future, ABrokenPromiseIsTold) {
  future<int> answer;
  {
    promise<int> broken;
    answer = broken.get_future();
  }
  EXPECT_EQ(code_of([&] { answer.get(); }), std::future_errc::broken_promise);
  promise<int> first;
  answer = first.get_future();
  first = promise<int>();
  EXPECT_EQ(code_of([&] { answer.get(); }), std::future_errc::broken_promise);
}

TEST(PackagedTask, ItsAnswerOrItsExceptionArrives) {
  packaged_task<int(int)> task([](int n) {
    if (n < 0) throw std::out_of_range("negative");
    return n * 2;
  });
  auto answer = task.get_future();
  task(21);
  EXPECT_EQ(answer.get(), 42);
  task.reset();
  answer = task.get_future();
  task(-1);
  EXPECT_THROW(answer.get(), std::out_of_range);
  EXPECT_EQ(code_of([] { packaged_task<void()>()(); }), std::future_errc::no_state);
}

TEST(ThreadPool, AnswersWhatIsSubmitted) {
  thread_pool pool(3);
  EXPECT_EQ(pool.size(), 3u);
  std::vector<future<int>> answers;
  for (int i = 0; i < 200; ++i) answers.push_back(pool.submit([](int n) { return n * n; }, i));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(answers[static_cast<size_t>(i)].get(), i * i);
  auto failed = pool.submit([] { throw std::runtime_error("no"); });
  EXPECT_THROW(failed.get(), std::runtime_error);
  auto moved = pool.submit([](std::unique_ptr<int> p) { return p; }, std::make_unique<int>(3));
  EXPECT_EQ(*moved.get(), 3);
}

TEST(ThreadPool, MapsInOrder) {
  thread_pool pool(4);
  std::vector<int> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 0);
  const auto texts = pool.map(numbers, [](int n) { return std::to_string(n); });
  ASSERT_EQ(texts.size(), 1000u);
  for (size_t i = 0; i < 1000; ++i) EXPECT_EQ(texts[i], std::to_string(i));
  EXPECT_TRUE(pool.map(std::vector<int>(), [](int n) { return n; }).empty());
  EXPECT_THROW(pool.map(numbers,
                        [](int n) {
                          if (n % 100 == 50) throw std::runtime_error("fifty");
                          return n;
                        }),
               std::runtime_error);
}

TEST(ThreadPool, AMapInsideAMapGoesOn) {
  thread_pool pool(2);
  const std::vector<int> outer = {1, 2, 3, 4, 5, 6};
  const auto sums = pool.map(outer, [&](int n) {
    const std::vector<int> inner(50, n);
    int sum = 0;
    for (const int each : pool.map(inner, [](int m) { return m; })) sum += each;
    return sum;
  });
  for (size_t i = 0; i < outer.size(); ++i) EXPECT_EQ(sums[i], 50 * outer[i]);
}

TEST(ThreadPool, CallsBack) {
  thread_pool pool(2);
  int seen = 0;
  pool.apply_async([] { return 42; }, [&](int answer) { seen = answer; }).get();
  EXPECT_EQ(seen, 42);
  bool called = false;
  pool.apply_async([] {}, [&] { called = true; }).get();
  EXPECT_TRUE(called);
  auto failed =
      pool.apply_async([]() -> int { throw std::runtime_error("no"); }, [&](int) { seen = 0; });
  EXPECT_THROW(failed.get(), std::runtime_error);
  EXPECT_EQ(seen, 42);
}

TEST(ThreadPool, AJobMaySubmitAndMapWhileThePoolGoes) {
  std::optional<thread_pool> pool(2);
  event is_going;
  int sum = 0;
  future<int> last;
  auto job = pool->submit([&] {
    is_going.wait();
    for (const int each : pool->map(std::vector{1, 2, 3}, [](int n) { return n; })) sum += each;
    last = pool->submit([] { return 42; });
  });
  thread closer([&] { pool.reset(); });
  wait_until_asleep(closer);
  is_going.set();
  closer.join();
  job.get();
  EXPECT_EQ(sum, 6);
  EXPECT_EQ(last.get(), 42);
}

// As a user that nobody else is, and that may have that many threads.
int make_pool_that_is_too_large() {
  const abi::ResourceLimit limit = {3, 3};
  if (!sys::setrlimit(abi::k_rlimit_nproc, &limit)) return 1;
  (void)sys::setresuid(54321, 54321, 54321);
  try {
    const thread_pool pool(8);
    return 2;
  } catch (const std::system_error&) {
    return 0;
  }
}

TEST(ThreadPool, ThatCannotBeHadIsAnError) {
  // In a program begun anew, since ThreadSanitizer starts no threads in a forked one.
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(sys::exit_group(make_pool_that_is_too_large()), testing::ExitedWithCode(0), "");
}

TEST(ThreadPool, FinishesBeforeItGoes) {
  Atomic<int> done{0};
  {
    thread_pool pool(2);
    for (int i = 0; i < 100; ++i) (void)pool.submit([&] { done.fetch_add(1, relaxed); });
  }
  EXPECT_EQ(done.load(relaxed), 100);
}

TEST(Timer, CallsInTheOrderOfTheTimes) {
  mutex lock;
  std::vector<int> order;
  event last;
  const auto start = std::chrono::steady_clock::now();
  const timer never(1h, [&] { order.push_back(4); });
  const auto note = [&](int number) {
    return [&, number] {
      const lock_guard guard(lock);
      order.push_back(number);
      if (number == 3) last.set();
    };
  };
  const timer first(1ms, note(1));
  const timer second(2ms, note(2));
  const timer third(3ms, note(3));
  last.wait();
  EXPECT_GE(std::chrono::steady_clock::now() - start, 3ms);
  const lock_guard guard(lock);
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(Timer, ACancelledOneDoesNotCall) {
  bool called = false;
  timer later(1h, [&] { called = true; });
  EXPECT_TRUE(later.cancel());
  EXPECT_FALSE(later.cancel());
  timer none;
  EXPECT_FALSE(none.cancel());
  event fired;
  timer soon(0s, [&] { fired.set(); });
  fired.wait();
  EXPECT_FALSE(soon.cancel());
  EXPECT_FALSE(called);
}

TEST(Timer, CallsAgainAndAgainUntilItIsCancelled) {
  Atomic<int> calls{0};
  event enough;
  timer often(timer::every, 200us, [&] {
    if (calls.fetch_add(1, relaxed) == 4) enough.set();
  });
  enough.wait();
  EXPECT_TRUE(often.cancel());
  const int at_the_end = calls.load(relaxed);
  event later;
  const timer after(1ms, [&] { later.set(); });
  later.wait();
  EXPECT_EQ(calls.load(relaxed), at_the_end);
}

TEST(Timer, CancelsItself) {
  event done;
  int calls = 0;
  timer self;
  event placed;  // where the function looks for it
  self = timer(timer::every, 100us, [&] {
    placed.wait();
    ++calls;
    self.cancel();
    done.set();
  });
  placed.set();
  done.wait();
  EXPECT_EQ(calls, 1);
}

// What its function has is dropped with it; that may be a timer, too.
TEST(Timer, CancelsItselfAndWhatItsFunctionHas) {
  event placed;
  event done;
  timer self;
  self = timer(0s, [&, other = timer(1h, [] {})] {
    placed.wait();
    self.cancel();
    done.set();
  });
  placed.set();
  done.wait();
  event later;
  const timer after(0s, [&] { later.set(); });
  later.wait();
}

TEST(Timer, CancellingWaitsForACallThatRuns) {
  event begun;
  event go;
  bool finished = false;
  timer soon(0s, [&] {
    begun.set();
    go.wait();
    finished = true;
  });
  begun.wait();
  thread canceller([&] {
    EXPECT_FALSE(soon.cancel());
    EXPECT_TRUE(finished);
  });
  wait_until_asleep(canceller);
  go.set();
  canceller.join();
}

}  // namespace
}  // namespace weft
