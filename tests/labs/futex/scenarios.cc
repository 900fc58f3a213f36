// Lab futex: the simple lock, and how often each of the locks asks the kernel. The explorer is the kernel here: it
// counts the calls for futexes, in every order in which the threads can take turns.
#include "explore/engine/calls.hh"
#include "explore/scenario.hh"
#include "labs/futex/simple_lock.hh"
#include "userlib/base/lock.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/semaphore.hh"

namespace weft::explore {
namespace {

template <typename Lock>
void lock_and_unlock(Lock& lock) {
  lock.lock();
  lock.unlock();
}

// Two threads add under the lock, each `rounds` times.
template <typename Lock>
void add(Stage& stage, Lock& lock, int rounds) {
  int count = 0;
  for (const char* name : {"A", "B"}) {
    stage.thread(name, [&]() NO_THREAD_SAFETY_ANALYSIS {
      for (int round = 0; round < rounds; ++round) {
        lock.lock();
        ++count;
        lock.unlock();
      }
    });
  }
  stage.run();
  check(count == 2 * rounds, "nothing is lost");
}

const Scenario simple_twice{{.name = "simple-lock",
                             .about = "two threads add under the simple lock, twice each",
                             .preemptions = 3,
                             .old_stores = 1},
                            [](Stage& stage) {
                              labs::SimpleLock lock;
                              add(stage, lock, 2);
                            }};

const Scenario simple_three{{.name = "simple-lock-three",
                             .about = "three threads want the simple lock: one wake-up is enough",
                             .preemptions = 3},
                            [](Stage& stage) {
                              labs::SimpleLock lock;
                              for (const char* name : {"A", "B", "C"}) {
                                stage.thread(name, [&] { lock_and_unlock(lock); });
                              }
                              stage.run();
                            }};

const Scenario library_lock{
    {.name = "library-lock",
     .about = "two threads add under the lock of the library's own data, twice each",
     .preemptions = 3,
     .old_stores = 1},
    [](Stage& stage) {
      Lock lock;
      add(stage, lock, 2);
      const uint64_t calls = futex_calls();
      lock_and_unlock(lock);
      check(futex_calls() == calls, "when nobody waits any more, no system call is made");
    }};

const Scenario mutex_alone{
    {.name = "mutex-calls-alone", .about = "one thread has a mutex for itself: no system call"},
    [](Stage& stage) {
      mutex lock;
      stage.thread("A", [&] {
        for (int round = 0; round < 5; ++round) lock_and_unlock(lock);
      });
      stage.run();
      check(futex_calls() == 0, "a mutex that nobody else wants costs no system call");
    }};

// Whoever slept may not know that it was the last one, so one call too many is allowed; not for ever.
const Scenario mutex_after{
    {.name = "mutex-calls-after",
     .about = "two threads have fought for a mutex; what does it cost afterwards?",
     .preemptions = 3},
    [](Stage& stage) {
      mutex lock;
      add(stage, lock, 1);
      const uint64_t calls = futex_calls();
      check(calls <= 4, "one sleeps, once or twice, and each unlock wakes at most once");
      for (int round = 0; round < 3; ++round) lock_and_unlock(lock);
      check(futex_calls() == calls, "when nobody waits any more, no system call is made");
    }};

const Scenario keys_there{
    {.name = "semaphore-calls-alone", .about = "there is always a key: no system call"},
    [](Stage& stage) {
      counting_semaphore<> semaphore(2);
      stage.thread("A", [&] {
        for (int round = 0; round < 5; ++round) {
          semaphore.acquire();
          semaphore.release();
        }
      });
      stage.run();
      check(futex_calls() == 0, "a key that is there costs no system call");
    }};

const Scenario three_wait{
    {.name = "semaphore-three-wait",
     .about = "two wait for keys when they come one by one, and the last goes to a third",
     .preemptions = 3},
    [](Stage& stage) {
      counting_semaphore<> semaphore(0);
      for (const char* name : {"A", "B", "C"}) {
        stage.thread(name, [&] { semaphore.acquire(); });
      }
      stage.thread("giver", [&] {
        semaphore.release();
        semaphore.release(2);
      });
      stage.run();
      check(!semaphore.try_acquire(), "each of the three keys was taken");
    }};

}  // namespace
}  // namespace weft::explore
