// Two old ways to keep two threads apart without any help: they need sequentially consistent accesses.
#include "core/base/atomic.hh"
#include "core/hal.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

// Peterson: I want to, but after you.
template <memory_order loads, memory_order stores>
class Peterson {
 public:
  void lock(unsigned me) {
    const unsigned other = 1 - me;
    wants_[me].store(1, stores);
    turn_.store(other, stores);
    while (wants_[other].load(loads) != 0 && turn_.load(loads) == other) hal::relax();
  }
  void unlock(unsigned me) { wants_[me].store(0, stores); }

 private:
  Atomic<unsigned> wants_[2];
  Atomic<unsigned> turn_{0};
};

// Dekker: who has to wait takes his wish back.
template <memory_order loads, memory_order stores>
class Dekker {
 public:
  void lock(unsigned me) {
    const unsigned other = 1 - me;
    wants_[me].store(1, stores);
    while (wants_[other].load(loads) != 0) {
      if (turn_.load(loads) == me) {
        hal::relax();
        continue;
      }
      wants_[me].store(0, stores);
      while (turn_.load(loads) != me) hal::relax();
      wants_[me].store(1, stores);
    }
  }
  void unlock(unsigned me) {
    turn_.store(1 - me, stores);
    wants_[me].store(0, stores);
  }

 private:
  Atomic<unsigned> wants_[2];
  Atomic<unsigned> turn_{0};
};

// Only atomics, so that what fails is the lock itself and no race that comes of it.
template <typename Lock>
void two_enter(Stage& stage) {
  Lock lock;
  Atomic<int> inside{0};
  const auto enter = [&](unsigned me) {
    lock.lock(me);
    check(inside.fetch_add(1, relaxed) == 0, "one at a time is inside");
    inside.fetch_sub(1, relaxed);
    lock.unlock(me);
  };
  stage.thread("A", [&] { enter(0); });
  stage.thread("B", [&] { enter(1); });
  stage.run();
}

const Scenario peterson{{.name = "peterson",
                         .about = "Peterson's lock, sequentially consistent",
                         .preemptions = 20,
                         .old_stores = 3},
                        two_enter<Peterson<seq_cst, seq_cst>>};
const Scenario peterson_acquire{{.name = "peterson-acquire-release",
                                 .about = "Peterson's lock with acquire and release: too weak",
                                 .old_stores = 1,
                                 .expected = Verdict::assertion},
                                two_enter<Peterson<acquire, release>>};
const Scenario peterson_relaxed{{.name = "peterson-relaxed",
                                 .about = "Peterson's lock with relaxed accesses: too weak",
                                 .old_stores = 1,
                                 .expected = Verdict::assertion},
                                two_enter<Peterson<relaxed, relaxed>>};
const Scenario dekker{{.name = "dekker",
                       .about = "Dekker's lock, sequentially consistent",
                       .preemptions = 20,
                       .old_stores = 3},
                      two_enter<Dekker<seq_cst, seq_cst>>};
const Scenario dekker_acquire{{.name = "dekker-acquire-release",
                               .about = "Dekker's lock with acquire and release: too weak",
                               .old_stores = 1,
                               .expected = Verdict::assertion},
                              two_enter<Dekker<acquire, release>>};

}  // namespace
}  // namespace weft::explore
