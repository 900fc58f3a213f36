// The locks' promises, on simulated CPUs: every seed is another interleaving.
#include "unit/sync/scenarios.hh"

#include <functional>

#include "unit/support/machine.hh"

namespace weft {
namespace {

constexpr uint64_t k_seeds = 60;

void run(const std::function<void()>& scenario) {
  host::for_seeds(k_seeds, [&](uint64_t seed) {
    host::Machine machine(host::options_for(seed));
    machine.run(scenario);
  });
}

TEST(Scenarios, ASpinLockLetsOneIn) {
  run([] {
    SpinLock lock(Rank::user_spin);
    scenarios::one_at_a_time(lock, 5, 20);
  });
}
TEST(Scenarios, AMutexLetsOneIn) {
  run([] {
    Mutex lock(Rank::user);
    scenarios::one_at_a_time(lock, 5, 20);
  });
}
TEST(Scenarios, ARecursiveMutexLetsOneIn) {
  run([] {
    RecursiveMutex lock(Rank::user);
    scenarios::one_at_a_time(lock, 5, 20);
  });
}
TEST(Scenarios, AnRwLockLetsOneWriterIn) {
  run([] {
    RwLock lock(Rank::user);
    scenarios::one_at_a_time(lock, 5, 20);
  });
}
TEST(Scenarios, AMutexWithTimeOutsLetsOneIn) {
  run([] { scenarios::mutex_with_time_outs(5, 20); });
}
TEST(Scenarios, ABoundedBufferLosesNothing) {
  run([] { scenarios::bounded_buffer(3, 2, 12); });
}
TEST(Scenarios, ANotifyIsNotMissed) {
  run([] { scenarios::a_notify_is_not_missed(12); });
}
TEST(Scenarios, ASemaphoreGivesOutItsKeys) {
  run([] {
    Semaphore semaphore(2);
    scenarios::at_most_keys_inside(semaphore, 2, 5, 12);
  });
}
TEST(Scenarios, ABoundedSemaphoreGivesOutItsKeys) {
  run([] {
    BoundedSemaphore semaphore(3);
    scenarios::at_most_keys_inside(semaphore, 3, 5, 12);
  });
}
TEST(Scenarios, OneTokenGoesRoundARing) {
  run([] { scenarios::ring_of_semaphores(5, 12); });
}
TEST(Scenarios, ReadersSeeNoHalfWrittenData) {
  run([] { scenarios::readers_and_writers(3, 2, 12); });
}
TEST(Scenarios, ABarrierKeepsThePhasesApart) {
  run([] { scenarios::phases_at_a_barrier(4, 6); });
}
TEST(Scenarios, AnEventLetsAllPass) {
  run([] { scenarios::an_event_lets_all_pass(5); });
}
TEST(Scenarios, OnceIsOnce) {
  run([] { scenarios::once_is_once(5); });
}
TEST(Scenarios, NoWakeUpIsLostOrDoubled) {
  run([] { scenarios::no_wake_up_is_lost_or_doubled(3, 12); });
}

}  // namespace
}  // namespace weft
