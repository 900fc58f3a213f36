// The coroutines' mutex, semaphore and condition variable. Plain threads wait at them by the same protocol
// as coroutines do.
#include "explore/scenarios/conditions.hh"
#include "userlib/coro/sync/condition_variable.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/sys/spin.hh"

namespace weft::explore {
namespace {

const Scenario three{{.name = "coro-mutex",
                      .about = "three threads add under the coroutines' mutex",
                      .preemptions = 2},
                     [](Stage& stage) {
                       coro::mutex lock;
                       int count = 0;
                       for (const char* name : {"A", "B", "C"}) {
                         stage.thread(name, [&] {
                           lock.lock();
                           ++count;
                           lock.unlock();
                         });
                       }
                       stage.run();
                       check(count == 3, "nothing is lost");
                       check(lock.owner() == nullptr, "nobody holds it at the end");
                     }};

// Who has been passed over some times gets the mutex handed over.
const Scenario passed_over{{.name = "coro-mutex-twice",
                            .about = "one takes the mutex again and again, and passes another over",
                            .preemptions = 2,
                            .old_stores = 1,
                            .random_runs = 2000},
                           [](Stage& stage) {
                             coro::mutex lock;
                             int count = 0;
                             const auto add = [&] {
                               lock.lock();
                               ++count;
                               lock.unlock();
                             };
                             stage.thread("A", [&] {
                               for (int turn = 0; turn < 8; ++turn) add();
                             });
                             stage.thread("B", add);
                             stage.run();
                             check(count == 9, "nothing is lost");
                           }};

// With CPUs for all, one of those who find the mutex taken stays awake; the others queue behind it.
const Scenario comes{{.name = "coro-mutex-comes",
                      .about = "one waits for the mutex awake, another one queues behind it",
                      .preemptions = 2,
                      .random_runs = 2000},
                     [](Stage& stage) {
                       sys::cpus = 2;
                       coro::mutex lock;
                       int count = 0;
                       const auto add = [&] {
                         lock.lock();
                         ++count;
                         lock.unlock();
                       };
                       stage.thread("A", [&] {
                         for (int turn = 0; turn < 3; ++turn) add();
                       });
                       for (const char* name : {"B", "C"}) stage.thread(name, add);
                       stage.run();
                       check(count == 5, "nothing is lost");
                       check(lock.owner() == nullptr, "nobody holds it at the end");
                     }};

const Scenario falls_asleep{
    {.name = "coro-mutex-falls-asleep",
     .about = "one is awake for the mutex until it gives up and sleeps, and only then is it let go",
     .preemptions = 2},
    [](Stage& stage) NO_THREAD_SAFETY_ANALYSIS {
      sys::cpus = 2;
      coro::mutex lock;
      Atomic<coro::Coroutine*> waits{nullptr};
      Atomic<bool> is_held{false};
      stage.thread("holder", [&]() NO_THREAD_SAFETY_ANALYSIS {
        lock.lock();
        is_held.store(true, release);
        while (waits.load(acquire) == nullptr ||
               !coro::is_waiting(waits.load(acquire)->park.load(acquire)))
          hal::relax();
        lock.unlock();
      });
      stage.thread("waiter", [&]() NO_THREAD_SAFETY_ANALYSIS {
        while (!is_held.load(acquire)) hal::relax();
        waits.store(&coro::self(), release);
        lock.lock();
        lock.unlock();
      });
      stage.run();
    }};

const Scenario hasty{{.name = "coro-mutex-time-out",
                      .about = "one waits for a time only, one for ever",
                      .preemptions = 2,
                      .interrupts = 1,
                      .random_runs = 5000},
                     [](Stage& stage) {
                       coro::mutex lock;
                       int count = 0;
                       int entries = 0;
                       const auto enter = [&]() NO_THREAD_SAFETY_ANALYSIS {
                         ++count;
                         ++entries;
                         lock.unlock();
                       };
                       stage.thread("hasty", [&]() NO_THREAD_SAFETY_ANALYSIS {
                         if (lock.lock_until(1000) == coro::Wake::woken) enter();
                       });
                       for (const char* name : {"A", "B"}) {
                         stage.thread(name, [&]() NO_THREAD_SAFETY_ANALYSIS {
                           lock.lock();
                           enter();
                         });
                       }
                       stage.run();
                       check(count == entries && entries >= 2, "who got in was alone");
                     }};

const Scenario keys{
    {.name = "coro-semaphore",
     .about = "a key comes just as one of two waits ends",
     .preemptions = 3,
     .interrupts = 1},
    [](Stage& stage) {
      coro::counting_semaphore<> semaphore(0);
      bool is_taken = false;
      stage.thread("hasty", [&] { is_taken = semaphore.acquire_until(1000) == coro::Wake::woken; });
      stage.thread("patient", [&] { semaphore.acquire(); });
      stage.thread("giver", [&] {
        semaphore.release();
        semaphore.release();
      });
      stage.run();
      check(semaphore.try_acquire() == !is_taken, "the keys are in one place each");
    }};

const Scenario condition{{.name = "coro-condvar",
                          .about = "one waits for a flag, one sets it",
                          .preemptions = 4,
                          .old_stores = 1},
                         wait_for_a_flag<coro::mutex, coro::condition_variable>};

const Scenario queue{{.name = "coro-condvar-queue",
                      .about = "two numbers go through a place for one; two consumers",
                      .preemptions = 2},
                     pass_through_one_place<coro::mutex, coro::condition_variable>};

// A writer that gives up lets those go on that stood behind it.
const Scenario shared{{.name = "coro-shared-mutex",
                       .about = "a hasty writer waits for a reader, another reader waits behind it",
                       .preemptions = 3,
                       .interrupts = 1},
                      [](Stage& stage) NO_THREAD_SAFETY_ANALYSIS {
                        coro::shared_mutex lock;
                        lock.lock_shared();  // until all is over
                        stage.thread("writer", [&]() NO_THREAD_SAFETY_ANALYSIS {
                          check(lock.lock_until(1000) == coro::Wake::timed_out, "it is read");
                        });
                        for (const char* name : {"reader 1", "reader 2"}) {
                          stage.thread(name, [&]() NO_THREAD_SAFETY_ANALYSIS {
                            lock.lock_shared();
                            lock.unlock_shared();
                          });
                        }
                        stage.run();
                        lock.unlock_shared();
                        check(lock.try_lock(), "nobody holds it at the end");
                        lock.unlock();
                      }};

}  // namespace
}  // namespace weft::explore
