// Run:      philosophers
// Look for: five take their left forks and are stuck, all of them; two small changes, and all of them eat.
// Why:      each waits for the next, in a circle. One who takes the right fork first breaks it; so does a
//           door that lets in only four.
#include "userlib/base/print.hh"
#include "userlib/base/vector.hh"
#include "userlib/bin/tools.hh"
#include "userlib/thread/barrier.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/semaphore.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr size_t k_seats = 5;
constexpr int k_meals = 100;

timed_mutex forks[k_seats];

timed_mutex& left_of(size_t seat) { return forks[seat]; }
timed_mutex& right_of(size_t seat) { return forks[(seat + 1) % k_seats]; }

template <typename Life>
void all_live(Life life) {
  Vector<thread> philosophers;
  for (size_t seat = 0; seat < k_seats; ++seat) {
    philosophers.push_back(thread([&life, seat] { life(seat); }));
  }
  for (thread& each : philosophers) each.join();
}

int eat(timed_mutex& first, timed_mutex& second) {
  int meals = 0;
  for (; meals < k_meals; ++meals) {
    const lock_guard one(first);
    const lock_guard other(second);
  }
  return meals;
}

// The unlucky moment, made certain: all five have taken the left fork. They wait for the right one with a
// bound, so that this program can go on and tell.
void all_take_the_left_first() {
  barrier all_hold_one(k_seats);
  barrier all_gave_up(k_seats);
  Atomic<int> stuck{0};
  all_live([&](size_t seat) {
    const lock_guard left(left_of(seat));
    all_hold_one.arrive_and_wait();
    const unique_lock right(right_of(seat), std::chrono::milliseconds(20));
    if (!right) stuck.fetch_add(1, relaxed);
    all_gave_up.arrive_and_wait();
  });
  print("  each takes the left fork first: {} of {} are stuck\n", stuck.load(relaxed), k_seats);
}

void one_is_left_handed() {
  Atomic<int> meals{0};
  all_live([&](size_t seat) {
    const bool is_last = seat == k_seats - 1;
    meals.fetch_add(
        is_last ? eat(right_of(seat), left_of(seat)) : eat(left_of(seat), right_of(seat)), relaxed);
  });
  print("  one takes the right fork first: {} meals\n", meals.load(relaxed));
}

void four_are_let_in() {
  counting_semaphore door(k_seats - 1);
  Atomic<int> meals{0};
  all_live([&](size_t seat) {
    for (int i = 0; i < k_meals; ++i) {
      door.acquire();
      {
        const lock_guard left(left_of(seat));
        const lock_guard right(right_of(seat));
        meals.fetch_add(1, relaxed);
      }
      door.release();
    }
  });
  print("  four at most are let in: {} meals\n", meals.load(relaxed));
}

}  // namespace

int philosophers_main(Arguments) {
  print("five philosophers, five forks, two of which each needs\n");
  all_take_the_left_first();
  one_is_left_handed();
  four_are_let_in();
  return 0;
}

}  // namespace weft
