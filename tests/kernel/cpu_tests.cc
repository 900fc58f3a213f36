// Several CPUs: where threads run, how work spreads, and that a CPU without work is left in peace.
#include "core/sched/cpu.hh"
#include "core/sync/semaphore.hh"
#include "kernel/selftest.hh"
#include "kernel/tests.hh"
#include "kernel/threads.hh"

namespace weft::selftest::cpus {

void affinity() {
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    start({.cpu_mask = only_cpu(cpu)}, [cpu] {
      for (int i = 0; i < 20; ++i) {
        expect_equal(hal::cpu_id(), cpu, "CPU of a thread that may run on one only");
        if (i % 2 == 0) sched::yield();
        if (i % 4 == 0) sched::sleep_for(100 * k_microsecond);
      }
    }).join();
  }
  const Result<ThreadHandle> nowhere = spawn({.cpu_mask = CpuMask{1} << 31}, [] {});
  expect(!nowhere && nowhere.error() == Errno::inval, "a thread that may run nowhere is refused");
}

void affinity_changes() {
  // A thread sends itself round all CPUs.
  for (unsigned turn = 0; turn < 5 * hal::cpu_count(); ++turn) {
    const PinnedTo cpu(turn % hal::cpu_count());
    expect_equal(hal::cpu_id(), turn % hal::cpu_count(),
                 "CPU of a thread that has just moved itself");
  }
  // And others: one that runs, and one that sleeps.
  Atomic<unsigned> target{0};
  Atomic<bool> over{false};
  Semaphore wake_up(0);
  Crew<2> crew;
  Thread& runner = crew.add([&] {
    while (!over.load(relaxed)) hal::relax();
  });
  Thread& sleeper = crew.add([&] {
    for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
      wake_up.acquire();
      expect_equal(hal::cpu_id(), target.load(relaxed),
                   "CPU of a thread that wakes after it was moved");
    }
  });
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    expect(sched::set_cpu_mask(runner, only_cpu(cpu)).has_value(), "the runner may be moved");
    await([&] { return sched::view_thread(runner).cpu == cpu; });
    await_blocked(sleeper, BlockReason::waiting);
    target.store(cpu, relaxed);
    expect(sched::set_cpu_mask(sleeper, only_cpu(cpu)).has_value(), "the sleeper may be moved");
    wake_up.release();
  }
  over.store(true, relaxed);
}

// One thread for each CPU: at some moment all of them run.
void work_spreads() {
  const unsigned others = hal::cpu_count() - 1;
  std::array<Thread*, hal::k_max_cpus> threads{};
  Atomic<bool> over{false};
  Crew<hal::k_max_cpus> crew;
  for (unsigned i = 0; i < others; ++i) {
    threads[i] = &crew.add([&] {
      while (!over.load(relaxed)) hal::relax();
    });
  }
  unsigned running = 0;
  const Nanoseconds enough = sched::cpu_time(*hal::current()) + 2 * k_second;
  while (running < others && sched::cpu_time(*hal::current()) < enough) {
    running = 0;
    for (unsigned i = 0; i < others; ++i) running += sched::is_running(threads[i]) ? 1 : 0;
  }
  over.store(true, relaxed);
  expect_equal(running, others, "threads that run at the same time, besides this one");
}

// All CPUs are busy, and more threads wait on one of them. When the others' work ends, they take
// some of it over.
void waiting_work_is_taken_over() {
  if (hal::cpu_count() == 1) return note("needs more than one CPU");
  constexpr unsigned k_waiting = 6;
  const PinnedTo here(0);
  Atomic<bool> release_others{false};
  Atomic<bool> taken_over{false};
  Crew<hal::k_max_cpus + k_waiting> crew;
  for (unsigned cpu = 1; cpu < hal::cpu_count(); ++cpu) {
    Thread& busy = crew.add({.cpu_mask = only_cpu(cpu)}, [&] {
      while (!release_others.load(relaxed)) hal::relax();
    });
    await([&] { return sched::is_running(&busy); });
  }
  crew.add_many(k_waiting, [&](unsigned) {
    Thread& self = *hal::current();
    while (!taken_over.load(relaxed) && sched::cpu_time(self) < k_second) {
      if (self.cpu.load(relaxed) != 0) taken_over.store(true, relaxed);
    }
  });
  release_others.store(true, relaxed);
  crew.join();
  expect(taken_over.load(relaxed), "an idle CPU takes work that waits elsewhere");
}

namespace {

uint64_t timer_interrupts(unsigned cpu) { return sched::cpus[cpu].counts.timer_interrupts; }

// Until no deadline of that CPU is near. (One of a wait with a time-out that is long over may lie far
// away.) False if so much of this thread's CPU time is gone that there seems to be one always.
bool await_no_deadline(unsigned cpu) {
  constexpr Nanoseconds k_far = 10 * k_second;
  Thread& self = *hal::current();
  const Nanoseconds enough = sched::cpu_time(self) + 2 * k_second;
  const volatile Instant& deadline = sched::cpus[cpu].armed_for;
  while (deadline < hal::now() + k_far) {
    if (sched::cpu_time(self) > enough) return false;
  }
  return true;
}

}  // namespace

// A thread that nobody waits for keeps the CPU, and no timer interrupts it.
void no_tick_when_alone() {
  uint64_t ticks = 0;
  start({.cpu_mask = only_cpu(last_cpu())}, [&] {
    expect(await_no_deadline(last_cpu()), "a CPU with one thread has no deadline for it");
    const uint64_t before = timer_interrupts(last_cpu());
    work(60 * k_millisecond);
    ticks = timer_interrupts(last_cpu()) - before;
  }).join();
  expect_equal(ticks, 0u, "timer interrupts in 60 ms of a thread alone on its CPU");
}

// Only the CPU with a sleeper has a reason to wake up; the others are halted and stay so.
void no_tick_when_idle() {
  const PinnedTo here(0);
  std::array<uint64_t, hal::k_max_cpus> before{};
  std::array<uint64_t, hal::k_max_cpus> switches{};
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    if (cpu != 0) expect(await_no_deadline(cpu), "an idle CPU has no deadline");
    before[cpu] = timer_interrupts(cpu);
    switches[cpu] = sched::cpus[cpu].counts.switches;
  }
  sched::sleep_for(60 * k_millisecond);
  expect(timer_interrupts(0) - before[0] <= 2,
         "the sleeper's CPU is interrupted for the sleeper only");
  for (unsigned cpu = 1; cpu < hal::cpu_count(); ++cpu) {
    expect_equal(timer_interrupts(cpu) - before[cpu], 0u, "timer interrupts of an idle CPU");
    expect_equal(sched::cpus[cpu].counts.switches - switches[cpu], 0u, "switches of an idle CPU");
  }
}

}  // namespace weft::selftest::cpus
