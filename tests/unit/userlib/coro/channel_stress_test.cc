#include <algorithm>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/coro/stress.hh"
#include "userlib/coro/channel/select.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/latch.hh"

// As locks_stress_test.cc, for channels: all that was sent arrives, once, and in each sender's order.
namespace weft::coro {
namespace {

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

}  // namespace
}  // namespace weft::coro
