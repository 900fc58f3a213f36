// Storms for the scheduler, which run in a Machine of either kind: threads that come and go, move,
// sleep, change their priority and interrupt each other, all at once. Nothing may get lost.
#pragma once

#include <gtest/gtest.h>

#include "core/sync/event.hh"
#include "core/sync/irq_guard.hh"
#include "core/sync/semaphore.hh"
#include "unit/support/random.hh"
#include "unit/support/threads.hh"

namespace weft::scenarios {

// Threads that make threads, some joined and some detached: each runs once.
inline void threads_come_and_go(unsigned makers, unsigned threads_each) {
  Atomic<unsigned> ran{0};
  Semaphore detached_done(0);
  unsigned detached = 0;
  host::Crew crew;
  for (unsigned maker = 0; maker < makers; ++maker) {
    for (unsigned i = 0; i < threads_each; ++i) detached += (maker + i) % 3 == 0 ? 1 : 0;
    crew.add([&, maker] {
      for (unsigned i = 0; i < threads_each; ++i) {
        const bool is_detached = (maker + i) % 3 == 0;
        ThreadHandle thread = host::start({}, [&, is_detached] {
          ran.fetch_add(1, relaxed);
          if (is_detached) detached_done.release();
        });
        if (is_detached) {
          thread.detach();
        } else {
          thread.join();
        }
      }
    });
  }
  crew.join();
  for (; detached > 0; --detached) detached_done.acquire();
  EXPECT_EQ(ran.load(relaxed), makers * threads_each);
}

// Threads whose masks, priorities and niceness change under them, whatever they are doing just then.
// Each finishes its work, and was never outside of its mask after it had set that itself.
inline void threads_are_moved_about(unsigned threads, unsigned rounds, uint64_t seed) {
  const CpuMask all = (CpuMask{1} << hal::cpu_count()) - 1;
  Atomic<unsigned> finished{0};
  host::Crew crew;
  std::vector<Thread*> all_threads;
  Event may_start;
  for (unsigned number = 0; number < threads; ++number) {
    all_threads.push_back(&crew.add([&, number] {
      may_start.wait();
      for (unsigned round = 0; round < rounds; ++round) {
        switch ((number + round) % 4) {
          case 0: hal::relax(); break;
          case 1: sched::yield(); break;
          case 2: sched::sleep_for(round % 3 * k_microsecond); break;
          case 3: {
            PreemptGuard keeps_its_cpu;
            hal::relax();
            break;
          }
        }
      }
      finished.fetch_add(1, relaxed);
    }));
  }
  may_start.set();
  host::Random random(seed);
  while (finished.load(relaxed) < threads) {
    Thread& thread = *all_threads[random.below(threads)];
    switch (random.below(4)) {
      case 0: {
        const auto mask = 1 + static_cast<CpuMask>(random.below(all));
        EXPECT_TRUE(sched::set_cpu_mask(thread, mask).has_value());
        break;
      }
      case 1: sched::set_priority(thread, static_cast<int>(random.between(28, 34))); break;
      case 2: sched::set_nice(thread, static_cast<int>(random.between(-5, 5))); break;
      case 3: static_cast<void>(sched::cpu_time(thread)); break;
    }
    sched::sleep_for(10 * k_microsecond);
  }
  crew.join();
}

// A thread is interrupted while it waits, while it is about to, and while its wait times out: each
// interrupt ends one wait.
inline void interrupts_hit_waits(unsigned rounds, Nanoseconds patience) {
  Atomic<unsigned> interrupted{0};
  Atomic<bool> may_end{false};
  Semaphore never(0);
  ThreadHandle victim = host::start({}, [&] {
    while (!may_end.load(acquire)) {
      const WaitLimit limit{.deadline = hal::now() + patience, .interruptible = true};
      const Result<> result = never.acquire(limit);
      EXPECT_FALSE(result.has_value());
      if (result.error() == Errno::intr) interrupted.fetch_add(1, release);
    }
  });
  for (unsigned round = 0; round < rounds; ++round) {
    const unsigned before = interrupted.load(acquire);
    sched::interrupt(*victim);
    while (interrupted.load(acquire) == before) sched::sleep_for(k_microsecond);
  }
  may_end.store(true, release);
  victim.join();
  EXPECT_EQ(interrupted.load(relaxed), rounds);
}

}  // namespace weft::scenarios
