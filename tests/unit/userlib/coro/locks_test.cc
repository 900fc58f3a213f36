#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/coro/lone.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/recursive_mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/thread/mutex.hh"

// The compiler's analysis can't follow locks from coroutine to coroutine.
#pragma clang diagnostic ignored "-Wthread-safety-analysis"

// What each lock promises.
namespace weft::coro {
namespace {

using namespace std::chrono_literals;

TEST(CoroMutex, IsHeldByOneAndHandedOnInOrder) {
  lone([] {
    mutex door;
    std::string story;
    std::vector<handle<void>> all;
    door.lock();
    for (char name : {'a', 'b', 'c'}) {
      all.push_back(go([&, name] {
        lock_guard guard(door);
        story += name;
        yield();
        story += name;
      }));
    }
    let_others_run();
    EXPECT_EQ(story, "");
    EXPECT_FALSE(door.try_lock());
    door.unlock();
    for (auto& each : all) each.join();
    EXPECT_EQ(story, "aabbcc");
    EXPECT_TRUE(door.try_lock());
    door.unlock();
  });
}

TEST(CoroMutex, NobodyIsPassedOverTooOften) {
  lone([] {
    mutex door;
    bool got_it = false;
    door.lock();
    auto waiting = go([&] {
      lock_guard guard(door);
      got_it = true;
    });
    let_others_run();
    for (int failures = 0; failures < mutex::k_patience; ++failures) {
      door.unlock();
      ASSERT_TRUE(door.try_lock()) << "it has been woken, but could not run yet";
      yield();
      EXPECT_FALSE(got_it);
    }
    door.unlock();
    EXPECT_FALSE(door.try_lock()) << "handed over";
    waiting.join();
    EXPECT_TRUE(got_it);
  });
}

TEST(CoroMutex, GivesUpAtItsDeadline) {
  lone([] {
    mutex door;
    door.lock();
    auto impatient = go([&] {
      EXPECT_FALSE(door.try_lock_for(1ms));
      EXPECT_EQ(door.lock_until(0), Wake::timed_out);
    });
    impatient.join();
    auto patient = go([&] {
      EXPECT_TRUE(door.try_lock_for(1h));
      door.unlock();
    });
    let_others_run();
    door.unlock();
    patient.join();
  });
}

TEST(CoroMutex, ACancellationEndsOnlyTheWaitsThatAllowIt) {
  lone([] {
    mutex door;
    door.lock();
    auto stubborn = go([&] {
      door.lock();
      door.unlock();
    });
    auto obedient = go([&] { EXPECT_EQ(door.lock_until(k_never), Wake::cancelled); });
    let_others_run();
    stubborn.cancel();
    obedient.cancel();
    obedient.join();
    EXPECT_FALSE(stubborn.is_done());
    door.unlock();
    stubborn.join();
  });
}

TEST(CoroMutex, WorksWithUniqueLock) {
  lone([] {
    mutex door;
    unique_lock lock(door);
    EXPECT_TRUE(lock.owns_lock());
    lock.unlock();
    EXPECT_TRUE(lock.try_lock());
  });
}

TEST(CoroRecursiveMutex, ItsOwnerEntersAgain) {
  lone([] {
    recursive_mutex door;
    door.lock();
    EXPECT_TRUE(door.try_lock());
    EXPECT_EQ(door.lock_until(0), Wake::woken);
    go([&] { EXPECT_FALSE(door.try_lock()); }).join();
    door.unlock();
    door.unlock();
    go([&] { EXPECT_FALSE(door.try_lock_for(0s)); }).join();
    door.unlock();
    go([&] {
      EXPECT_TRUE(door.try_lock());
      door.unlock();
    }).join();
  });
}

TEST(CoroSemaphore, CountsAndServesInOrder) {
  lone([] {
    counting_semaphore<> keys(1);
    EXPECT_TRUE(keys.try_acquire());
    EXPECT_FALSE(keys.try_acquire());
    std::string story;
    std::vector<handle<void>> all;
    for (char name : {'a', 'b', 'c'}) {
      all.push_back(go([&, name] {
        keys.acquire();
        story += name;
      }));
    }
    let_others_run();
    keys.release();
    EXPECT_FALSE(keys.try_acquire()) << "it was handed to the first who waits";
    let_others_run();
    EXPECT_EQ(story, "a");
    keys.release(3);
    for (auto& each : all) each.join();
    EXPECT_EQ(story, "abc");
    EXPECT_TRUE(keys.try_acquire());
    EXPECT_FALSE(keys.try_acquire());
  });
}

TEST(CoroSemaphore, WhoGaveUpGetsNothing) {
  lone([] {
    counting_semaphore<> keys(0);
    EXPECT_FALSE(keys.try_acquire_for(1ms));
    auto cancelled = go([&] { EXPECT_EQ(keys.acquire_until(k_never), Wake::cancelled); });
    auto served = go([&] { keys.acquire(); });
    let_others_run();
    cancelled.cancel();
    keys.release();
    cancelled.join();
    served.join();
    EXPECT_FALSE(keys.try_acquire());
  });
}

TEST(CoroSemaphore, ABoundedOneRefusesAKeyTooMany) {
  lone([] {
    bounded_semaphore keys(2);
    EXPECT_FALSE(keys.try_release());
    EXPECT_THROW(keys.release(), std::system_error);
    keys.acquire();
    EXPECT_FALSE(keys.try_release(2));
    EXPECT_FALSE(keys.try_release(-1));
    EXPECT_TRUE(keys.try_release());
    EXPECT_FALSE(keys.try_release());
    keys.acquire();
    keys.release();
    EXPECT_FALSE(keys.try_release());
  });
}

TEST(CoroSemaphore, KnowsItsLimit) {
  EXPECT_DEATH(binary_semaphore(2), "a count that it can have");
  lone([] {
    binary_semaphore key(1);
    EXPECT_DEATH(key.release(), "below its max");
  });
}

TEST(CoroSharedMutex, ManyReadersOrOneWriter) {
  lone([] {
    shared_mutex book;
    EXPECT_TRUE(book.try_lock_shared());
    EXPECT_TRUE(book.try_lock_shared());
    EXPECT_FALSE(book.try_lock());
    book.unlock_shared();
    book.unlock_shared();
    EXPECT_TRUE(book.try_lock());
    EXPECT_FALSE(book.try_lock());
    EXPECT_FALSE(book.try_lock_shared());
    EXPECT_FALSE(book.try_lock_shared_for(1ms));
    EXPECT_FALSE(book.try_lock_for(1ms));
    book.unlock();
  });
}

TEST(CoroSharedMutex, NobodyPassesThoseWhoWait) {
  lone([] {
    shared_mutex book;
    std::string story;
    std::vector<handle<void>> all;
    auto reader = [&](char name) {
      all.push_back(go([&, name] {
        book.lock_shared();
        story += name;
        yield();
        book.unlock_shared();
      }));
    };
    auto writer = [&](char name) {
      all.push_back(go([&, name] {
        book.lock();
        story += name;
        yield();
        EXPECT_EQ(story.back(), name);
        book.unlock();
      }));
    };
    book.lock_shared();
    writer('W');
    reader('a');
    reader('b');
    writer('X');
    reader('c');
    let_others_run();
    EXPECT_EQ(story, "") << "a writer waits, so later readers wait behind it";
    EXPECT_FALSE(book.try_lock_shared());
    book.unlock_shared();
    for (auto& each : all) each.join();
    EXPECT_EQ(story, "WabXc");
  });
}

TEST(CoroSharedMutex, AWriterThatGivesUpLetsReadersPass) {
  lone([] {
    shared_mutex book;
    book.lock_shared();
    auto writer = go([&] { EXPECT_EQ(book.lock_until(k_never), Wake::cancelled); });
    let_others_run();
    auto reader = go([&] {
      book.lock_shared();
      book.unlock_shared();
    });
    let_others_run();
    EXPECT_FALSE(reader.is_done());
    writer.cancel();
    writer.join();
    reader.join();
    book.unlock_shared();
  });
}

}  // namespace
}  // namespace weft::coro
