// What processes share: memory, and the locks and queues in it.
#include <cstring>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "userlib/process/process.hh"
#include "userlib/process/process_queue.hh"
#include "userlib/process/process_semaphore.hh"
#include "userlib/process/shared_memory.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

void crash() { (void)sys::kill(sys::getpid().value(), abi::k_sigkill); }

// Runs body(index) in so many processes, and waits for them; each must end well.
void run_processes(int count, const std::function<void(int)>& body) {
  std::vector<process> children;
  for (int i = 0; i < count; ++i) children.push_back(process::run([&] { body(i); }).value());
  for (process& child : children) EXPECT_TRUE(child.wait().success());
}

TEST(SharedMemory, IsSeenByBoth) {
  const shared_memory memory = shared_memory::make(10000).value();
  EXPECT_EQ(memory.size(), 10000u);
  run_processes(1, [&](int) { std::strcpy(static_cast<char*>(memory.data()), "from the child"); });
  EXPECT_STREQ(static_cast<char*>(memory.data()), "from the child");
  EXPECT_EQ(shared_memory::make(0).error(), Errno::inval);
}

TEST(SharedMemory, IsTheSameBehindADescriptor) {
  const Descriptor descriptor = shared_memory::make_descriptor("test", 4096).value();
  const shared_memory first = shared_memory::map(descriptor.get(), 4096).value();
  shared_memory second = shared_memory::map(descriptor.get(), 4096).value();
  *static_cast<int*>(first.data()) = 7;
  EXPECT_EQ(*static_cast<int*>(second.data()), 7);
  EXPECT_NE(first.data(), second.data());
  const shared_memory moved = std::move(second);
  EXPECT_EQ(second.data(), nullptr);
}

TEST(Shared, OnlyItsMakerEndsIt) {
  static int ended;
  ended = 0;
  struct Object {
    int value;
    ~Object() { ++ended; }
  };
  {
    shared<Object> object(5);
    EXPECT_EQ(process::run([&] {
                {
                  const shared<Object>& mine = object;
                  (void)mine;
                }
                object->value = 6;
                object.~shared();
                return ended;
              })
                  .value()
                  .wait()
                  .code(),
              0);
    EXPECT_EQ((*object).value, 6);
  }
  EXPECT_EQ(ended, 1);
}

struct Counter {
  process_mutex mutex;
  int count = 0;
  int other = 0;
};

TEST(ProcessMutex, LosesNoUpdate) {
  shared<Counter> counter;
  run_processes(4, [&](int) {
    for (int i = 0; i < 2000; ++i) {
      const lock_guard guard(counter->mutex);
      ++counter->count;
    }
  });
  EXPECT_EQ(counter->count, 8000);
}

TEST(ProcessMutex, WorksBetweenThreadsToo) {
  Counter counter;
  std::vector<thread> team;
  for (int own = 0; own < 4; ++own) {
    team.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        const lock_guard guard(counter.mutex);
        ++counter.count;
      }
    });
  }
  for (thread& each : team) each.join();
  EXPECT_EQ(counter.count, 4000);
}

TEST(ProcessMutex, RefusesAndGivesUp) {
  shared<Counter> counter;
  ASSERT_TRUE(counter->mutex.try_lock());
  EXPECT_FALSE(counter->mutex.try_lock());
  EXPECT_THROW(counter->mutex.lock(), std::system_error);
  run_processes(1, [&](int) {
    EXPECT_FALSE(counter->mutex.try_lock());
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(counter->mutex.acquire_for(2ms), lock_status::timed_out);
    EXPECT_FALSE(counter->mutex.try_lock_for(1ms));
    EXPECT_FALSE(counter->mutex.try_lock_until(std::chrono::system_clock::now()));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
    EXPECT_DEATH(counter->mutex.unlock(), "let go by its owner");
    if (testing::Test::HasFailure()) crash();
  });
  counter->mutex.unlock();
}

TEST(ProcessMutex, TellsThatItsOwnerDied) {
  shared<Counter> counter;
  process child = process::run([&] {
                    (void)counter->mutex.acquire();
                    counter->count = 1;  // and not the other
                    crash();
                  }).value();
  child.wait();
  EXPECT_EQ(counter->mutex.acquire(), lock_status::owner_died);
  EXPECT_TRUE(counter->mutex.owner_died());
  EXPECT_EQ(counter->count, 1);
  counter->count = 0;
  counter->mutex.make_consistent();
  counter->mutex.unlock();
  EXPECT_EQ(counter->mutex.acquire(), lock_status::acquired);
  counter->mutex.unlock();
}

TEST(ProcessMutex, WakesWhoWaitsWhenItsOwnerDies) {
  shared<Counter> counter;
  shared<process_semaphore> held(0);
  process owner = process::run([&] {
                    (void)counter->mutex.acquire();
                    held->release();
                    for (;;) (void)sys::pause();
                  }).value();
  held->acquire();
  process waiter = process::run([&] {
                     return counter->mutex.acquire() == lock_status::owner_died
                                ? 1
                                : 2;  // and dies with it, too
                   }).value();
  EXPECT_TRUE(owner.kill(abi::k_sigkill));
  owner.wait();
  EXPECT_EQ(waiter.wait().code(), 1);
  EXPECT_EQ(counter->mutex.acquire(), lock_status::owner_died);
  counter->mutex.unlock();  // without a word
  EXPECT_EQ(counter->mutex.acquire(), lock_status::not_recoverable);
  EXPECT_FALSE(counter->mutex.try_lock());
  EXPECT_THROW(counter->mutex.lock(), std::system_error);
}

TEST(ProcessMutex, AThreadThatEndsWithItDiesAsWell) {
  Counter first;
  Counter second;
  thread([&] {
    (void)second.mutex.acquire();
    (void)first.mutex.acquire();
    second.mutex.unlock();
    (void)second.mutex.acquire();
  }).join();
  EXPECT_EQ(first.mutex.acquire(), lock_status::owner_died);
  EXPECT_EQ(second.mutex.acquire(), lock_status::owner_died);
  first.mutex.make_consistent();
  second.mutex.make_consistent();
  first.mutex.unlock();
  second.mutex.unlock();
}

// Processes that die at any moment: the count of those who came through is right.
TEST(ProcessMutex, ManyOwnersDie) {
  struct State {
    process_mutex mutex;
    int begun = 0;
    int ended = 0;
    int repaired = 0;
  };
  shared<State> state;
  for (int round = 0; round < 40; ++round) {
    process child = process::run([&] {
                      for (;;) {
                        if (state->mutex.acquire() == lock_status::owner_died) {
                          state->repaired += state->begun - state->ended;
                          state->ended = state->begun;
                          state->mutex.make_consistent();
                        }
                        ++state->begun;
                        ++state->ended;
                        state->mutex.unlock();
                      }
                    }).value();
    while (state->mutex.acquire() == lock_status::owner_died)
      state->mutex.make_consistent(), state->mutex.unlock();
    const int seen = state->begun;
    state->mutex.unlock();
    for (;;) {
      (void)state->mutex.acquire();
      const bool moved = state->begun > seen;
      state->mutex.unlock();
      if (moved) break;
      this_thread::yield();
    }
    EXPECT_TRUE(child.kill(abi::k_sigkill));
    child.wait();
    if (state->mutex.acquire() == lock_status::owner_died) {
      EXPECT_LE(state->begun - state->ended, 1);
      state->ended = state->begun;
      state->mutex.make_consistent();
    }
    EXPECT_EQ(state->begun, state->ended);
    state->mutex.unlock();
  }
}

TEST(ProcessSemaphore, TakesTurns) {
  struct State {
    process_semaphore ping{1};
    process_semaphore pong{0};
    int turns = 0;
    bool in_order = true;
  };
  shared<State> state;
  run_processes(2, [&](int own) {
    for (int i = 0; i < 1000; ++i) {
      (own == 0 ? state->ping : state->pong).acquire();
      state->in_order = state->in_order && state->turns % 2 == own;
      ++state->turns;
      (own == 0 ? state->pong : state->ping).release();
    }
  });
  EXPECT_EQ(state->turns, 2000);
  EXPECT_TRUE(state->in_order);
  EXPECT_FALSE(state->pong.try_acquire_for(1ms));
}

TEST(ProcessConditionVariable, LosesNoWakeUp) {
  struct State {
    process_mutex mutex;
    process_condition_variable changed;
    int place = 0;
    int sum = 0;
  };
  shared<State> state;
  run_processes(2, [&](int own) {
    for (int i = 1; i <= 1000; ++i) {
      unique_lock held(state->mutex);
      state->changed.wait(held, [&] { return (state->place == 0) == (own == 0); });
      if (own == 1) state->sum += state->place;
      state->place = own == 0 ? i : 0;
      held.unlock();
      state->changed.notify_all();
    }
  });
  EXPECT_EQ(state->sum, 500500);
  unique_lock held(state->mutex);
  EXPECT_EQ(state->changed.wait_for(held, 1ms), cv_status::timeout);
}

TEST(ProcessQueue, LosesNothingAndRepeatsNothing) {
  shared<process_queue<int, 16>> queue;
  struct Sums {
    process_mutex mutex;
    int64_t sum = 0;
    int count = 0;
  };
  shared<Sums> sums;
  std::vector<process> consumers;
  for (int i = 0; i < 2; ++i) {
    consumers.push_back(process::run([&] {
                          while (const auto item = queue->pop()) {
                            const lock_guard guard(sums->mutex);
                            sums->sum += *item;
                            ++sums->count;
                          }
                        }).value());
  }
  run_processes(2, [&](int own) {
    for (int i = 0; i < 1000; ++i) {
      if (!queue->push(own * 1000 + i)) crash();
    }
  });
  queue->close();
  for (process& each : consumers) EXPECT_TRUE(each.wait().success());
  EXPECT_EQ(sums->count, 2000);
  EXPECT_EQ(sums->sum, 1999000);
}

TEST(ProcessQueue, AnswersAtOnceOrInTime) {
  shared<process_queue<int, 2>> queue;
  EXPECT_EQ(queue->try_pop().error(), Errno::again);
  EXPECT_EQ(queue->pop_for(1ms).error(), Errno::timedout);
  EXPECT_EQ(queue->pop_until(std::chrono::steady_clock::now() + 1ms).error(), Errno::timedout);
  EXPECT_TRUE(queue->try_push(1));
  EXPECT_TRUE(queue->push(2));
  EXPECT_EQ(queue->size(), 2u);
  EXPECT_EQ(queue->try_push(3).error(), Errno::again);
  EXPECT_EQ(queue->push_for(3, 1ms).error(), Errno::timedout);
  EXPECT_EQ(queue->push_until(3, std::chrono::system_clock::now()).error(), Errno::timedout);
  EXPECT_FALSE(queue->is_closed());
  queue->close();
  EXPECT_TRUE(queue->is_closed());
  EXPECT_EQ(queue->capacity(), 2u);
  EXPECT_EQ(queue->push(3).error(), Errno::pipe);
  EXPECT_EQ(queue->pop().value(), 1);
  EXPECT_EQ(queue->pop().value(), 2);
  EXPECT_EQ(queue->pop().error(), Errno::pipe);
}

TEST(ProcessQueue, OutlivesAUserThatDies) {
  shared<process_queue<int, 4>> queue;
  for (int round = 0; round < 20; ++round) {
    process user = process::run([&] {
                     for (;;) {
                       (void)queue->push(1);
                       (void)queue->pop();
                     }
                   }).value();
    for (int i = 0; i < 20; ++i) this_thread::yield();
    EXPECT_TRUE(user.kill(abi::k_sigkill));
    user.wait();
    while (queue->try_pop()) {
    }
    EXPECT_EQ(queue->size(), 0u);
  }
}

}  // namespace
}  // namespace weft
