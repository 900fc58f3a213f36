#include <algorithm>

#include "core/sync/mutex.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr unsigned k_philosophers = 5;
constexpr unsigned k_meals = 200;

// A fork's rank is its place in the order in which forks may be taken.
constexpr Rank rank_of(unsigned fork) {
  return static_cast<Rank>(static_cast<unsigned>(Rank::user) + fork);
}

bool run(Sink& out) {
  std::array<Mutex, k_philosophers> forks{Mutex(rank_of(0)), Mutex(rank_of(1)), Mutex(rank_of(2)),
                                          Mutex(rank_of(3)), Mutex(rank_of(4))};
  std::array<unsigned, k_philosophers> meals{};
  Crew<k_philosophers> crew;
  for (unsigned seat = 0; seat < k_philosophers; ++seat) {
    crew.add({.name = "philosopher"}, [&, seat] {
      const unsigned left = seat;
      const unsigned right = (seat + 1) % k_philosophers;
      for (unsigned meal = 0; meal < k_meals; ++meal) {
        MutexGuard first(forks[std::min(left, right)]);
        sched::yield();  // the moment at which the naive version ends in a deadlock
        MutexGuard second(forks[std::max(left, right)]);
        ++meals[seat];
      }
    });
  }
  if (!crew.run(out)) return false;
  for (unsigned seat = 0; seat < k_philosophers; ++seat) {
    say(out, "philosopher {} took forks {} and {}, and had {} meals", seat,
        std::min(seat, (seat + 1) % k_philosophers), std::max(seat, (seat + 1) % k_philosophers),
        meals[seat]);
  }
  return std::ranges::all_of(meals, [](unsigned count) { return count == k_meals; });
}

}  // namespace

constinit const Demo philosophers_demo{
    "philosophers", "five threads, five forks, two forks a meal, and no deadlock",
    "If each takes the left fork first, all may hold one and wait for the next: a deadlock. Here\n"
    "each takes the fork of the lower number first, so no circle of waiting can close.\n"
    "The forks' ranks are their numbers: a debug kernel panics at the first fork out of order.",
    run};

}  // namespace weft::monitor
