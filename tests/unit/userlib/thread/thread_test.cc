#include "userlib/thread/thread.hh"

#include <array>
#include <memory>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "userlib/base/file.hh"
#include "userlib/sys/exit.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/latch.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

TEST(Thread, RunsItsFunctionWithItsArguments) {
  int sum = 0;
  thread adder([&](int a, std::unique_ptr<int> b) { sum = a + *b; }, 40, std::make_unique<int>(2));
  EXPECT_TRUE(adder.joinable());
  adder.join();
  EXPECT_FALSE(adder.joinable());
  EXPECT_EQ(sum, 42);
}

TEST(Thread, TakesMembersAndReferences) {
  struct Counter {
    int count = 0;
    void add(int amount) { count += amount; }
  } counter;
  thread(&Counter::add, &counter, 3).join();
  thread([](Counter& its) { its.count *= 2; }, std::ref(counter)).join();
  EXPECT_EQ(counter.count, 6);
}

TEST(Thread, HasANumberOfItsOwn) {
  thread::id seen;
  latch told(1);
  latch go(1);
  thread other([&] {
    seen = this_thread::get_id();
    told.count_down();
    go.wait();
  });
  told.wait();
  EXPECT_EQ(other.get_id(), seen);
  EXPECT_NE(seen, this_thread::get_id());
  EXPECT_NE(seen, thread::id());
  EXPECT_EQ(this_thread::get_id().number(), sys::gettid().value());
  go.count_down();
  other.join();
  EXPECT_EQ(other.get_id(), thread::id());
}

TEST(Thread, MovesAndSwaps) {
  int runs = 0;
  thread a([&] { ++runs; });
  thread b = std::move(a);
  EXPECT_FALSE(a.joinable());
  a.swap(b);
  EXPECT_TRUE(a.joinable());
  b = std::move(a);
  b.join();
  EXPECT_EQ(runs, 1);
}

Errno error_of(auto action) {
  try {
    action();
  } catch (const std::system_error& error) {
    return static_cast<Errno>(error.code().value());
  }
  return Errno{0};
}

TEST(Thread, RefusesWhatCannotBe) {
  thread none;
  EXPECT_EQ(error_of([&] { none.join(); }), Errno::inval);
  EXPECT_EQ(error_of([&] { none.detach(); }), Errno::inval);
  Errno own{};
  thread self;
  latch known(1);
  latch refused(1);
  self = thread([&] {
    known.wait();
    own = error_of([&] { self.join(); });
    refused.count_down();
  });
  known.count_down();
  refused.wait();
  self.join();
  EXPECT_EQ(own, Errno::deadlk);
  EXPECT_DEATH(thread([] {}), "a thread is joined or detached before its handle goes");
}

TEST(Thread, StartsAsItIsAskedTo) {
  const cpu_set all = get_cpus(0).value();
  unsigned first = 0;
  while (!all.contains(first)) ++first;
  std::string name;
  cpu_set cpus;
  int niceness = 0;
  scheduling policy;
  const thread_options options = {.name = "a name that is too long",
                                  .niceness = 5,
                                  .policy = scheduling{scheduling_policy::batch, 0},
                                  .cpus = cpu_set{first}};
  thread(options, [&] {
    name = read_file("/proc/thread-self/comm").value().c_str();
    cpus = get_cpus(0).value();
    niceness = get_niceness(0).value();
    policy = get_scheduling(0).value();
  }).join();
  EXPECT_EQ(name, "a name that is \n");
  EXPECT_EQ(cpus, cpu_set{first});
  EXPECT_EQ(niceness, 5);
  EXPECT_EQ(policy, (scheduling{scheduling_policy::batch, 0}));
}

TEST(Thread, ThatCannotBeAsAskedDoesNotRun) {
  bool ran = false;
  auto token = std::make_shared<int>(1);
  const auto refused = thread::start({.cpus = cpu_set{1023}}, [&, token] { ran = true; });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), Errno::inval);
  EXPECT_FALSE(ran);
  EXPECT_EQ(token.use_count(), 1);  // and nothing is left of it
  EXPECT_EQ(error_of([] { thread({.cpus = cpu_set{1023}}, [] {}); }), Errno::inval);
}

TEST(Thread, ASetOfCpusHasItsBounds) {
  cpu_set cpus = {0, 1023};
  EXPECT_EQ(cpus.size(), 2u);
  EXPECT_FALSE(cpus.contains(cpu_set::k_most));
  EXPECT_DEATH(cpus.insert(cpu_set::k_most), "so many CPUs");
  EXPECT_DEATH(cpus.erase(cpu_set::k_most), "so many CPUs");
}

TEST(Thread, LargeStacksAreLarge) {
  constexpr size_t k_size = 8 * 1024 * 1024;
  size_t touched = 0;
  thread({.stack_size = k_size + 256 * 1024}, [&] {
    volatile char room[k_size];
    for (size_t i = 0; i < k_size; i += 4096) room[i] = 1;
    touched = k_size;
  }).join();
  EXPECT_EQ(touched, k_size);
}

TEST(Thread, SleepsAtLeastAsLongAsAsked) {
  const auto start = std::chrono::steady_clock::now();
  this_thread::sleep_for(2ms);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
  const auto wall = std::chrono::system_clock::now();
  this_thread::sleep_until(wall + 2ms);
  EXPECT_GE(std::chrono::system_clock::now() - wall, 2ms);
  this_thread::sleep_for(-1h);
}

TEST(Thread, AnExceptionThatLeavesItEndsTheProgram) {
  EXPECT_DEATH(thread([] { throw 1; }).join(), "");
}

TEST(Thread, DetachedOnesAreWaitedForButNotDaemons) {
  EXPECT_EXIT(
      {
        thread({.daemon = true}, [] {
          for (;;) this_thread::yield();
        }).detach();
        thread([] {
          this_thread::sleep_for(1ms);
          _exit(42);  // nobody gets here unless the end waits for this thread
        }).detach();
        std::exit(1);
      },
      testing::ExitedWithCode(42), "");
}

TEST(Thread, OurOwnExitDoesNotWait) {
  EXPECT_EXIT(
      {
        thread([] {
          for (;;) this_thread::yield();
        }).detach();
        weft::exit(3);
      },
      testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace weft
