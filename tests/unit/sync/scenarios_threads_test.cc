// The locks' promises, with host threads as CPUs, under TSan.
#include "unit/sync/scenarios.hh"

#include <functional>

#include "unit/support/machine.hh"

namespace weft {
namespace {

// With one CPU, with as many as the host has at least, and with more.
void run(const std::function<void()>& scenario) {
  for (const unsigned cpus : {1u, 2u, 4u}) {
    host::Machine machine({.cpus = cpus});
    machine.run(scenario);
  }
}

TEST(ScenariosOnThreads, ASpinLockLetsOneIn) {
  run([] {
    SpinLock lock(Rank::user_spin);
    scenarios::one_at_a_time(lock, 4, 200);
  });
}
TEST(ScenariosOnThreads, AMutexLetsOneIn) {
  run([] {
    Mutex lock(Rank::user);
    scenarios::one_at_a_time(lock, 4, 200);
  });
}
TEST(ScenariosOnThreads, AnRwLockLetsOneWriterIn) {
  run([] {
    RwLock lock(Rank::user);
    scenarios::one_at_a_time(lock, 4, 200);
  });
}
TEST(ScenariosOnThreads, AMutexWithTimeOutsLetsOneIn) {
  run([] { scenarios::mutex_with_time_outs(4, 200); });
}
TEST(ScenariosOnThreads, ABoundedBufferLosesNothing) {
  run([] { scenarios::bounded_buffer(3, 2, 100); });
}
TEST(ScenariosOnThreads, ANotifyIsNotMissed) {
  run([] { scenarios::a_notify_is_not_missed(100); });
}
TEST(ScenariosOnThreads, ASemaphoreGivesOutItsKeys) {
  run([] {
    Semaphore semaphore(2);
    scenarios::at_most_keys_inside(semaphore, 2, 5, 100);
  });
}
TEST(ScenariosOnThreads, ABoundedSemaphoreGivesOutItsKeys) {
  run([] {
    BoundedSemaphore semaphore(3);
    scenarios::at_most_keys_inside(semaphore, 3, 5, 100);
  });
}
TEST(ScenariosOnThreads, OneTokenGoesRoundARing) {
  run([] { scenarios::ring_of_semaphores(5, 100); });
}
TEST(ScenariosOnThreads, ReadersSeeNoHalfWrittenData) {
  run([] { scenarios::readers_and_writers(3, 2, 100); });
}
TEST(ScenariosOnThreads, ABarrierKeepsThePhasesApart) {
  run([] { scenarios::phases_at_a_barrier(4, 50); });
}
TEST(ScenariosOnThreads, AnEventLetsAllPass) {
  run([] { scenarios::an_event_lets_all_pass(6); });
}
TEST(ScenariosOnThreads, OnceIsOnce) {
  run([] { scenarios::once_is_once(6); });
}
TEST(ScenariosOnThreads, NoWakeUpIsLostOrDoubled) {
  run([] { scenarios::no_wake_up_is_lost_or_doubled(3, 100); });
}

}  // namespace
}  // namespace weft
