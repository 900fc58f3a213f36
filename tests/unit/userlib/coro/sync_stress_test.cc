#include <algorithm>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "userlib/coro/channel/select.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/when.hh"
#include "userlib/coro/sync/barrier.hh"
#include "userlib/coro/sync/condition_variable.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/thread/mutex.hh"

#pragma clang diagnostic ignored "-Wthread-safety-analysis"

// Many coroutines, tasks and threads at once, with random waits, deadlines and cancellations: nothing is
// lost, nothing comes twice, and what is promised about order holds. The variables they guard are plain
// ones, so that ThreadSanitizer sees whether the guarding works.
namespace weft::coro {
namespace {

using namespace std::chrono_literals;

struct Workers {
  Mode mode;
  unsigned count;
};

void PrintTo(const Workers& workers, std::ostream* out) {
  *out << (workers.mode == Mode::lone ? "lone" : "shared") << workers.count;
}

class CoroStress : public testing::TestWithParam<Workers> {
 protected:
  template <typename Function>
  void run_all(Function function) {
    run(Options{.mode = GetParam().mode, .workers = GetParam().count}, std::move(function));
  }
  bool has_other_threads() const { return GetParam().mode == Mode::shared; }
};

INSTANTIATE_TEST_SUITE_P(, CoroStress,
                         testing::Values(Workers{Mode::lone, 1}, Workers{Mode::shared, 1},
                                         Workers{Mode::shared, 2}, Workers{Mode::shared, 4}),
                         testing::PrintToStringParamName());

constexpr int k_coroutines = 8;
constexpr int k_rounds = 400;

// Sometimes nothing, sometimes another one's turn.
void dawdle(std::mt19937& random) {
  if (random() % 4 == 0) yield();
}

// Soon, or never.
Instant some_deadline(std::mt19937& random) {
  return random() % 2 == 0 ? k_never : now() + random() % (20 * k_microsecond);
}

TEST_P(CoroStress, MutexLetsOneIn) {
  mutex door;
  long inside = 0;
  long total = 0;
  Atomic<long> entered{0};
  const auto visit = [&] {
    EXPECT_EQ(++inside, 1);
    ++total;
    --inside;
    door.unlock();
    entered.fetch_add(1, relaxed);
  };
  std::vector<std::jthread> threads;
  if (has_other_threads()) {
    for (int i = 0; i < 2; ++i)
      threads.emplace_back([&] {
        for (int round = 0; round < k_rounds; ++round) {
          door.lock();
          visit();
        }
      });
  }
  run_all([&] {
    const auto task_body = [&](unsigned seed) -> task<> {
      std::mt19937 random(seed);
      for (int round = 0; round < k_rounds; ++round) {
        if (co_await door.async_lock_until(some_deadline(random)) == Wake::woken) visit();
        if (random() % 4 == 0) co_await async_yield();
      }
    };
    std::vector<handle<void>> all;
    std::vector<task_handle<void>> tasks;
    for (unsigned seed = 0; seed < k_coroutines; ++seed) {
      tasks.push_back(spawn(task_body(seed + 100)));
      all.push_back(go([&, seed] {
        std::mt19937 random(seed);
        for (int round = 0; round < k_rounds; ++round) {
          if (door.lock_until(some_deadline(random)) == Wake::woken) {
            if (random() % 8 == 0) yield();  // others come and wait meanwhile
            visit();
          }
          dawdle(random);
        }
      }));
    }
    all[0].cancel();
    tasks[0].cancel();
    join_all(all);
    join_all(tasks);
  });
  threads.clear();
  EXPECT_EQ(total, entered.load(relaxed));
  EXPECT_TRUE(door.try_lock());
  door.unlock();
}

TEST_P(CoroStress, SemaphoreKeepsItsCount) {
  constexpr long k_keys = 3;
  counting_semaphore<> keys(k_keys);
  Atomic<long> held{0};
  run_all([&] {
    std::vector<handle<void>> all;
    for (unsigned seed = 0; seed < k_coroutines; ++seed) {
      all.push_back(go([&, seed] {
        std::mt19937 random(seed);
        for (int round = 0; round < k_rounds; ++round) {
          if (keys.acquire_until(some_deadline(random)) != Wake::woken) continue;
          EXPECT_LE(held.fetch_add(1, relaxed) + 1, k_keys);
          dawdle(random);
          held.fetch_sub(1, relaxed);
          keys.release();
        }
      }));
    }
    all[1].cancel();
    join_all(all);
  });
  for (long i = 0; i < k_keys; ++i) EXPECT_TRUE(keys.try_acquire());
  EXPECT_FALSE(keys.try_acquire());
}

TEST_P(CoroStress, SharedMutexKeepsReadersAndWritersApart) {
  shared_mutex book;
  long left = 0;
  long right = 0;
  run_all([&] {
    std::vector<handle<void>> all;
    for (unsigned seed = 0; seed < k_coroutines; ++seed) {
      all.push_back(go([&, seed] {
        std::mt19937 random(seed);
        for (int round = 0; round < k_rounds; ++round) {
          if (random() % 4 == 0) {
            if (book.lock_until(some_deadline(random)) != Wake::woken) continue;
            ++left;
            dawdle(random);
            ++right;
            book.unlock();
          } else {
            if (book.lock_shared_until(some_deadline(random)) != Wake::woken) continue;
            const long seen = left;
            dawdle(random);
            EXPECT_EQ(seen, right);
            book.unlock_shared();
          }
        }
      }));
    }
    all[2].cancel();
    join_all(all);
  });
  EXPECT_TRUE(book.try_lock());
  book.unlock();
}

TEST_P(CoroStress, ConditionVariableLosesNoNotification) {
  mutex door;
  condition_variable not_empty;
  condition_variable not_full;
  std::vector<int> buffer;
  long taken = 0;
  run_all([&] {
    std::vector<handle<void>> all;
    for (unsigned seed = 0; seed < k_coroutines; ++seed) {
      all.push_back(go([&, seed] {
        std::mt19937 random(seed);
        for (int round = 0; round < k_rounds; ++round) {
          unique_lock lock(door);
          if (seed % 2 == 0) {
            not_full.wait(lock, [&] { return buffer.size() < 3; });
            buffer.push_back(round);
            not_empty.notify_one();
          } else {
            not_empty.wait(lock, [&] { return !buffer.empty(); });
            buffer.pop_back();
            ++taken;
            not_full.notify_one();
          }
          lock.unlock();
          dawdle(random);
        }
      }));
    }
    join_all(all);
  });
  EXPECT_EQ(taken, k_rounds * k_coroutines / 2);
  EXPECT_TRUE(buffer.empty());
}

TEST_P(CoroStress, BarrierKeepsThePhasesApart) {
  std::vector<int> phases(k_coroutines);
  int completed = 0;
  run_all([&] {
    barrier meeting(k_coroutines, [&] {
      ++completed;
      for (const int phase : phases) EXPECT_EQ(phase, completed);
    });
    std::vector<handle<void>> all;
    for (size_t i = 0; i < k_coroutines; ++i)
      all.push_back(go([&, i] {
        std::mt19937 random(static_cast<unsigned>(i));
        for (int round = 0; round < k_rounds; ++round) {
          dawdle(random);
          ++phases[i];
          meeting.arrive_and_wait();
        }
      }));
    join_all(all);
  });
  EXPECT_EQ(completed, k_rounds);
}

// A value says who sent it, and which of his it is.
struct Letter {
  int sender;
  int number;
};

// What was received, by one or by all. Each letter comes once, and each sender's in order.
class Mailbag {
 public:
  void add(Letter letter) { letters_.push_back(letter); }
  bool is_in_order() const {
    std::map<int, int> last;
    for (const Letter& letter : letters_) {
      auto [place, is_new] = last.try_emplace(letter.sender, -1);
      if (letter.number <= place->second) return false;
      place->second = letter.number;
    }
    return true;
  }
  void add_all(const Mailbag& other) {
    letters_.insert(letters_.end(), other.letters_.begin(), other.letters_.end());
  }
  std::map<int, std::vector<int>> by_sender() const {
    std::map<int, std::vector<int>> all;
    for (const Letter& letter : letters_) all[letter.sender].push_back(letter.number);
    for (auto& [sender, numbers] : all) std::ranges::sort(numbers);
    return all;
  }

 private:
  std::vector<Letter> letters_;
};

class CoroChannelStress : public CoroStress {
 protected:
  // Senders of all kinds, with deadlines; receivers of all kinds. All that was sent arrives.
  void send_and_receive(size_t capacity) {
    channel<Letter> post(capacity);
    constexpr int k_senders = 6;
    std::vector<std::vector<int>> sent(k_senders + 1);
    std::vector<Mailbag> bags(6);
    std::jthread from_outside;
    run_all([&] {
      wait_group senders;
      senders.add(k_senders);
      std::vector<handle<void>> all;
      std::vector<task_handle<void>> tasks;
      const auto send_as_task = [&](int sender) -> task<> {
        std::mt19937 random(static_cast<unsigned>(sender));
        for (int number = 0; number < k_rounds; ++number) {
          if (co_await post.async_send_until({sender, number}, some_deadline(random)))
            sent[static_cast<size_t>(sender)].push_back(number);
        }
        senders.done();
      };
      const auto receive_as_task = [&](Mailbag& bag) -> task<> {
        while (auto letter = co_await post.async_receive()) bag.add(*letter);
      };
      for (int sender = 0; sender < k_senders; ++sender) {
        if (sender % 2 == 0) {
          tasks.push_back(spawn(send_as_task(sender)));
          continue;
        }
        all.push_back(go([&, sender] {
          std::mt19937 random(static_cast<unsigned>(sender));
          for (int number = 0; number < k_rounds; ++number) {
            if (post.send_until({sender, number}, some_deadline(random)))
              sent[static_cast<size_t>(sender)].push_back(number);
            dawdle(random);
          }
          senders.done();
        }));
      }
      if (has_other_threads()) {
        senders.add();
        from_outside = std::jthread([&] {
          for (int number = 0; number < k_rounds; ++number) {
            if (post.send({k_senders, number})) sent[k_senders].push_back(number);
          }
          senders.done();
        });
      }
      tasks.push_back(spawn(receive_as_task(bags[0])));
      tasks.push_back(spawn(receive_as_task(bags[1])));
      for (size_t i = 2; i < bags.size(); ++i)
        all.push_back(go([&, i] {
          std::mt19937 random(static_cast<unsigned>(i));
          for (;;) {
            auto letter = post.receive_until(some_deadline(random));
            if (letter) bags[i].add(*letter);
            if (!letter && letter.error() == Refusal::closed) return;
            dawdle(random);
          }
        }));
      senders.wait();
      post.close();
      join_all(all);
      join_all(tasks);
    });
    from_outside = {};
    Mailbag all;
    for (const Mailbag& bag : bags) {
      EXPECT_TRUE(bag.is_in_order());
      all.add_all(bag);
    }
    auto received = all.by_sender();
    for (size_t sender = 0; sender < sent.size(); ++sender)
      EXPECT_EQ(received[static_cast<int>(sender)], sent[sender]) << "sender " << sender;
  }
};

INSTANTIATE_TEST_SUITE_P(, CoroChannelStress,
                         testing::Values(Workers{Mode::lone, 1}, Workers{Mode::shared, 2},
                                         Workers{Mode::shared, 4}),
                         testing::PrintToStringParamName());

TEST_P(CoroChannelStress, RendezvousLosesNothing) { send_and_receive(0); }
TEST_P(CoroChannelStress, BoundedLosesNothing) { send_and_receive(3); }
TEST_P(CoroChannelStress, UnboundedLosesNothing) { send_and_receive(channel<Letter>::k_unbounded); }

TEST_P(CoroChannelStress, SelectsMeetEachOther) {
  channel<Letter> posts[3] = {channel<Letter>(0), channel<Letter>(1), channel<Letter>(0)};
  constexpr int k_people = 6;
  std::vector<std::vector<int>> sent(k_people);
  std::vector<Mailbag> bags(k_people);
  run_all([&] {
    wait_group senders;
    senders.add(k_people);
    std::vector<handle<void>> all;
    for (int person = 0; person < k_people; ++person) {
      const auto index = static_cast<size_t>(person);
      all.push_back(go([&, person, index] {
        std::mt19937 random(static_cast<unsigned>(person));
        for (int number = 0; number < k_rounds; ++number) {
          const Letter letter{person, number};
          const auto done = select(on_send(posts[number % 3], letter, [] {}),
                                   on_send(posts[(number + 1) % 3], letter, [] {}),
                                   at(some_deadline(random), [] {}));
          if (*done < 2) sent[index].push_back(number);
          dawdle(random);
        }
        senders.done();
      }));
      all.push_back(go([&, index] {
        int open = 3;
        bool is_open[3] = {true, true, true};
        channel<Letter> never;
        const auto take = [&](size_t which) {
          return [&, which](std::optional<Letter> letter) {
            if (letter) return bags[index].add(*letter);
            if (std::exchange(is_open[which], false)) --open;
          };
        };
        while (open > 0) {
          select(on_receive(is_open[0] ? posts[0] : never, take(0)),
                 on_receive(is_open[1] ? posts[1] : never, take(1)),
                 on_receive(is_open[2] ? posts[2] : never, take(2)));
        }
      }));
    }
    senders.wait();
    for (auto& post : posts) post.close();
    join_all(all);
  });
  Mailbag all;
  for (const Mailbag& bag : bags) all.add_all(bag);
  auto received = all.by_sender();
  for (int person = 0; person < k_people; ++person)
    EXPECT_EQ(received[person], sent[static_cast<size_t>(person)]) << "sender " << person;
}

TEST_P(CoroStress, TreesOfTasksBringAllTheirLeaves) {
  run_all([&] {
    const auto leaves = [](int depth, auto& leaves) -> task<long> {
      if (depth == 0) {
        co_await async_yield();
        co_return 1;
      }
      auto [left, right] = co_await when_all(leaves(depth - 1, leaves), leaves(depth - 1, leaves));
      co_return left + right;
    };
    EXPECT_EQ(spawn(leaves(8, leaves)).join(), 256);
    const auto race = [&](int round) -> task<> {
      const auto runner = [](int turns) -> task<int> {
        for (int i = 0; i < turns; ++i) co_await async_yield();
        co_return turns;
      };
      const auto sleeper = []() -> task<int> {
        (void)co_await async_sleep_for(1h);
        co_return 0;
      };
      auto first = co_await when_any(sleeper(), runner(round % 7), runner(round % 5), sleeper());
      EXPECT_TRUE(first.index == 1 || first.index == 2);
    };
    for (int round = 0; round < 100; ++round) spawn(race(round)).join();
  });
}

}  // namespace
}  // namespace weft::coro
