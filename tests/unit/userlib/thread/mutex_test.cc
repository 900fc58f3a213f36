#include "userlib/thread/mutex.hh"

#include <condition_variable>
#include <mutex>
#include <system_error>

#include <gtest/gtest.h>

#include "unit/userlib/thread/team.hh"
#include "userlib/thread/inheriting_mutex.hh"
#include "userlib/thread/latch.hh"
#include "userlib/thread/recursive_mutex.hh"
#include "userlib/thread/shared_mutex.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

// What every mutex promises.
template <typename Mutex>
class AnyMutex : public testing::Test {};
using Mutexes = testing::Types<mutex, timed_mutex, recursive_mutex, recursive_timed_mutex,
                               inheriting_mutex, shared_mutex, shared_timed_mutex>;
TYPED_TEST_SUITE(AnyMutex, Mutexes);

TYPED_TEST(AnyMutex, LosesNoUpdate) {
  TypeParam lock;
  int count = 0;
  run_team(4, [&](unsigned) {
    for (int i = 0; i < 5000; ++i) {
      lock.lock();
      ++count;
      lock.unlock();
    }
  });
  EXPECT_EQ(count, 20000);
}

TYPED_TEST(AnyMutex, IsNotToBeHadTwice) {
  TypeParam lock;
  ASSERT_TRUE(lock.try_lock());
  thread([&] { EXPECT_FALSE(lock.try_lock()); }).join();
  lock.unlock();
  thread([&] {
    EXPECT_TRUE(lock.try_lock());
    lock.unlock();
  }).join();
}

TYPED_TEST(AnyMutex, WakesWhoWaits) {
  TypeParam lock;
  bool entered = false;
  lock.lock();
  thread waiter([&] {
    lock.lock();
    entered = true;
    lock.unlock();
  });
  wait_until_asleep(waiter);
  EXPECT_FALSE(entered);
  lock.unlock();
  waiter.join();
  EXPECT_TRUE(entered);
}

TYPED_TEST(AnyMutex, WorksWithTheStandardsGuards) {
  TypeParam first;
  TypeParam second;
  {
    const std::lock_guard guard(first);
  }
  {
    const std::scoped_lock guard(first, second);
  }
  std::unique_lock held(first);
  std::condition_variable_any never;
  EXPECT_EQ(never.wait_for(held, 1us), std::cv_status::timeout);
}

// What every timed mutex promises.
template <typename Mutex>
class AnyTimedMutex : public testing::Test {};
using TimedMutexes =
    testing::Types<timed_mutex, recursive_timed_mutex, inheriting_mutex, shared_timed_mutex>;
TYPED_TEST_SUITE(AnyTimedMutex, TimedMutexes);

TYPED_TEST(AnyTimedMutex, GivesUpInTimeButNotTooEarly) {
  TypeParam lock;
  lock.lock();
  thread([&] {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(lock.try_lock_for(2ms));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
    const auto wall = std::chrono::system_clock::now();
    EXPECT_FALSE(lock.try_lock_until(wall + 2ms));
    EXPECT_GE(std::chrono::system_clock::now(), wall + 2ms);
    EXPECT_FALSE(lock.try_lock_for(-1s));
  }).join();
  lock.unlock();
  EXPECT_TRUE(lock.try_lock_for(0ms));
  lock.unlock();
}

TYPED_TEST(AnyTimedMutex, ComesInTime) {
  TypeParam lock;
  lock.lock();
  bool came = false;
  thread waiter([&] {
    came = lock.try_lock_for(1h);
    lock.unlock();
  });
  wait_until_asleep(waiter);
  lock.unlock();
  waiter.join();
  EXPECT_TRUE(came);
}

TYPED_TEST(AnyTimedMutex, GivingUpHarmsNobody) {
  TypeParam lock;
  int count = 0;
  run_team(4, [&](unsigned own) {
    for (int i = 0; i < 1000; ++i) {
      if (own % 2 == 0) {
        lock.lock();
      } else if (!lock.try_lock_for(std::chrono::microseconds(i % 50))) {
        continue;
      }
      ++count;
      lock.unlock();
    }
  });
  EXPECT_GE(count, 2000);
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
}

template <typename Mutex>
class AnyRecursiveMutex : public testing::Test {};
using RecursiveMutexes = testing::Types<recursive_mutex, recursive_timed_mutex>;
TYPED_TEST_SUITE(AnyRecursiveMutex, RecursiveMutexes);

TYPED_TEST(AnyRecursiveMutex, IsFreeAfterAsManyUnlocks) {
  TypeParam lock;
  lock.lock();
  lock.lock();
  EXPECT_TRUE(lock.try_lock());
  for (int left = 3; left > 0; --left) {
    thread([&] { EXPECT_FALSE(lock.try_lock()); }).join();
    lock.unlock();
  }
  thread([&] {
    EXPECT_TRUE(lock.try_lock());
    lock.unlock();
  }).join();
}

TYPED_TEST(AnyRecursiveMutex, OnlyItsOwnerLetsItGo) {
  TypeParam lock;
  EXPECT_DEATH(lock.unlock(), "a mutex is let go by its owner");
}

TEST(InheritingMutex, NoticesThatItIsHeldByTheCaller) {
  inheriting_mutex lock;
  lock.lock();
  try {
    lock.lock();
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), static_cast<int>(Errno::deadlk));
  }
  lock.unlock();
  EXPECT_THROW(lock.unlock(), std::system_error);
}

// ---- Guards --------------------------------------------------------------------------------------

TEST(UniqueLock, BeginsInEveryWay) {
  timed_mutex lock;
  unique_lock<timed_mutex> none;
  EXPECT_FALSE(none.owns_lock());
  EXPECT_EQ(none.mutex(), nullptr);
  unique_lock deferred(lock, defer_lock);
  EXPECT_FALSE(deferred);
  unique_lock tried(lock, try_to_lock);
  EXPECT_TRUE(tried);
  EXPECT_FALSE(deferred.try_lock_for(1us));
  tried.unlock();
  lock.lock();
  unique_lock adopted(lock, adopt_lock);
  EXPECT_TRUE(adopted);
  unique_lock moved = std::move(adopted);
  EXPECT_FALSE(adopted.owns_lock());
  EXPECT_TRUE(moved.owns_lock());
  EXPECT_EQ(moved.release(), &lock);
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
  const unique_lock timed(lock, 1us);
  EXPECT_TRUE(timed);
}

TEST(UniqueLock, RefusesMisuse) {
  mutex lock;
  unique_lock<mutex> none;
  EXPECT_THROW(none.lock(), std::system_error);
  EXPECT_THROW(none.unlock(), std::system_error);
  unique_lock held(lock);
  EXPECT_THROW(held.lock(), std::system_error);
  held.unlock();
  EXPECT_THROW(held.unlock(), std::system_error);
}

TEST(Lock, TakesAllInAnyOrder) {
  mutex a;
  mutex b;
  mutex c;
  int count = 0;
  run_team(3, [&](unsigned own) {
    for (int i = 0; i < 2000; ++i) {
      if (own == 0) {
        const scoped_lock guard(a, b, c);
        ++count;
      } else if (own == 1) {
        const scoped_lock guard(c, a, b);
        ++count;
      } else {
        weft::lock(b, c, a);
        ++count;
        const scoped_lock guard(adopt_lock, a, b, c);
      }
    }
  });
  EXPECT_EQ(count, 6000);
}

TEST(Lock, TriesAllAndKeepsNoneOrAll) {
  mutex a;
  mutex b;
  mutex c;
  EXPECT_EQ(weft::try_lock(a, b, c), -1);
  b.unlock();
  EXPECT_EQ(weft::try_lock(b, c), 1);
  EXPECT_TRUE(b.try_lock());
}

// ---- Readers and writers -------------------------------------------------------------------------

TEST(SharedMutex, ReadersShareAndWritersDoNot) {
  shared_timed_mutex lock;
  shared_lock first(lock);
  shared_lock second(lock, try_to_lock);
  EXPECT_TRUE(second.owns_lock());
  EXPECT_FALSE(lock.try_lock());
  first.unlock();
  EXPECT_FALSE(lock.try_lock_for(1us));
  second.unlock();
  ASSERT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock_shared());
  EXPECT_FALSE(lock.try_lock_shared_for(1us));
  EXPECT_FALSE(lock.try_lock_shared_until(std::chrono::steady_clock::now()));
  lock.unlock();
}

TEST(SharedMutex, AReaderDoesNotOvertakeAWaitingWriter) {
  shared_mutex lock;
  lock.lock_shared();
  thread writer([&] {
    lock.lock();
    lock.unlock();
  });
  wait_until_asleep(writer);
  EXPECT_FALSE(lock.try_lock_shared());
  lock.unlock_shared();
  writer.join();
}

TEST(SharedMutex, AWriterThatGivesUpLetsTheReadersBehindItIn) {
  shared_timed_mutex lock;
  lock.lock_shared();
  latch came(1);
  thread writer([&] { EXPECT_FALSE(lock.try_lock_for(20ms)); });
  wait_until_asleep(writer);
  thread reader([&] {
    lock.lock_shared();
    came.count_down();
    lock.unlock_shared();
  });
  came.wait();  // while we still hold it
  lock.unlock_shared();
  writer.join();
  reader.join();
}

TEST(SharedMutex, ReadersSeeWholeWrites) {
  shared_timed_mutex lock;
  int a = 0;
  int b = 0;
  run_team(4, [&](unsigned own) {
    for (int i = 0; i < 2000; ++i) {
      if (own == 0) {
        const unique_lock guard(lock);
        ++a;
        ++b;
      } else if (own == 1 && !lock.try_lock_shared_for(std::chrono::microseconds(i % 20))) {
        continue;
      } else {
        if (own != 1) lock.lock_shared();
        EXPECT_EQ(a, b);
        lock.unlock_shared();
      }
    }
  });
  EXPECT_EQ(a, 2000);
}

TEST(SharedMutex, OnlyHeldOnesAreLetGo) {
  shared_mutex lock;
  EXPECT_DEATH(lock.unlock(), "only a held lock is let go");
  EXPECT_DEATH(lock.unlock_shared(), "only a held lock is let go");
}

}  // namespace
}  // namespace weft
