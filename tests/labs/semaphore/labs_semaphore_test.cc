// Lab semaphore: the bounded buffer and the philosophers, on simulated CPUs.
#include <array>

#include <gtest/gtest.h>

#include "labs/semaphore/buffer.hh"
#include "labs/semaphore/dining.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft::labs {
namespace {

using host::Machine;

TEST(Buffer, KeepsTheOrderAndLosesNothing) {
  host::for_seeds(30, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Buffer<int, 3> buffer;
      host::Crew crew;
      crew.add([&] {
        for (int number = 0; number < 20; ++number) buffer.put(number);
      });
      for (int number = 0; number < 20; ++number) EXPECT_EQ(buffer.take(), number);
      crew.join();
    });
  });
}

TEST(Buffer, WhoFindsItFullWaitsUntilThereIsRoom) {
  Machine machine({.cpus = 2});
  machine.run([] {
    Buffer<int, 2> buffer;
    buffer.put(1);
    buffer.put(2);
    host::Crew crew;
    host::await_blocked(crew.add([&] { buffer.put(3); }), BlockReason::waiting);
    EXPECT_EQ(buffer.take(), 1);
    crew.join();
    EXPECT_EQ(buffer.take(), 2);
    EXPECT_EQ(buffer.take(), 3);
  });
}

// Many of both sides, so that a notify for the wrong side, or for too few, leaves somebody asleep.
TEST(Buffer, ManyProducersAndConsumersAllComeToAnEnd) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Buffer<int, 1> buffer;
      Atomic<int> sum{0};
      host::Crew crew;
      crew.add_many(4, [&](unsigned) {
        for (int number = 1; number <= 6; ++number) buffer.put(number);
      });
      crew.add_many(4, [&](unsigned) {
        for (int turn = 0; turn < 6; ++turn) sum.fetch_add(buffer.take(), relaxed);
      });
      crew.join();
      EXPECT_EQ(sum.load(relaxed), 4 * 21);
    });
  });
}

// Five philosophers, three meals each. Neighbours never eat at the same time.
template <typename Take, typename Leave>
void dine(Take take, Leave leave) {
  std::array forks{Semaphore(1), Semaphore(1), Semaphore(1), Semaphore(1), Semaphore(1)};
  std::array<Atomic<int>, 5> eats{};
  host::Crew crew;
  crew.add_many(5, [&](unsigned seat) {
    for (int meal = 0; meal < 3; ++meal) {
      take(forks, seat);
      eats[seat].store(1, relaxed);
      hal::relax();
      EXPECT_EQ(eats[(seat + 1) % 5].load(relaxed), 0);
      eats[seat].store(0, relaxed);
      leave(forks, seat);
    }
  });
  crew.join();
  for (const Semaphore& fork : forks) EXPECT_EQ(fork.keys(), 1u);
}

TEST(Dining, InOrderNobodyStarvesAndNeighboursTakeTurns) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] { dine(take_lower_first, put_back); });
  });
}

TEST(Dining, OneChairFewerIsEnough) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Semaphore chairs(4);
      dine([&](Forks forks, size_t seat) { sit_down_and_take(forks, chairs, seat); },
           [&](Forks forks, size_t seat) { leave_table(forks, chairs, seat); });
      EXPECT_EQ(chairs.keys(), 4u);
    });
  });
}

// The fourth may sit down while the three others at the table eat or wait; the fifth may not.
TEST(Dining, TheLastOneWaitsForAChair) {
  Machine machine({.cpus = 2});
  machine.run([] {
    std::array forks{Semaphore(1), Semaphore(1), Semaphore(1)};
    Semaphore chairs(2);
    sit_down_and_take(forks, chairs, 0);
    EXPECT_EQ(chairs.keys(), 1u);
    leave_table(forks, chairs, 0);
    EXPECT_EQ(chairs.keys(), 2u);
  });
}

}  // namespace
}  // namespace weft::labs
