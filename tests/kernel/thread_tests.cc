// Threads are made, live and end, in numbers.
#include "core/mm/heap.hh"
#include "core/mm/stats.hh"
#include "core/sched/cpu.hh"
#include "core/sync/mutex.hh"
#include "core/sync/semaphore.hh"
#include "kernel/selftest.hh"
#include "kernel/tests.hh"
#include "kernel/threads.hh"

namespace weft::selftest::threads {

void create_and_join() {
  constexpr unsigned k_rounds = 150;
  constexpr unsigned k_at_once = 20;
  Atomic<unsigned> ran{0};
  for (unsigned round = 0; round < k_rounds; ++round) {
    Crew<k_at_once> crew;
    crew.add_many(k_at_once, [&](unsigned) { ran.fetch_add(1, relaxed); });
  }
  expect_equal(ran.load(relaxed), k_rounds * k_at_once, "threads that ran");
}

void create_and_detach() {
  constexpr unsigned k_rounds = 5;
  constexpr unsigned k_at_once = 400;
  const size_t others = sched::thread_count();
  Atomic<unsigned> ran{0};
  for (unsigned round = 1; round <= k_rounds; ++round) {
    for (unsigned i = 0; i < k_at_once; ++i) {
      start({}, [&] { ran.fetch_add(1, relaxed); }).detach();
    }
    await([&] { return sched::thread_count() == others; });
    expect_equal(ran.load(relaxed), round * k_at_once, "threads that ran");
  }
}

// As many as the memory allows, and 10,000 if that is 400 MiB or more.
void ten_thousand_live() {
  constexpr size_t k_pages_each = mm::k_stack_pages + 1;  // with its share of page tables
  const mm::FrameStats frames = mm::page_frames.stats();
  const size_t count = std::min<size_t>(10'000, (frames.free + frames.cached) / 2 / k_pages_each);
  const Result<void*> memory = mm::allocate(count * sizeof(ThreadHandle));
  if (!memory) return fail_test("no memory for the list of threads", __FILE__, __LINE__);
  auto* handles = static_cast<ThreadHandle*>(*memory);

  const size_t others = sched::thread_count();
  Event go;
  Atomic<size_t> ran{0};
  for (size_t i = 0; i < count; ++i) {
    new (&handles[i]) ThreadHandle(start({.name = "one of many"}, [&] {
      go.wait();
      ran.fetch_add(1, relaxed);
    }));
  }
  expect_equal(sched::thread_count(), others + count, "live threads");
  go.set();
  for (size_t i = 0; i < count; ++i) {
    handles[i].join();
    handles[i].~ThreadHandle();
  }
  mm::free(*memory);
  expect_equal(ran.load(relaxed), count, "threads that ran");
  note(Text<60>("{} threads at once", count).view());
}

void names_and_ids() {
  Thread& self = *hal::current();
  Event go;
  Crew<2> crew;
  Thread& first = crew.add({.name = "first"}, [&] { go.wait(); });
  Thread& second =
      crew.add({.name = "a name that is longer than a name may be"}, [&] { go.wait(); });
  expect(first.name() == "first", "a thread has the name it was given");
  expect_equal(second.name().size(), size_t{23}, "length of a name that was cut");
  expect(first.id() != second.id() && first.id() != self.id(), "ids are different");
  expect(first.id() < second.id(), "a later thread has a greater id");
  go.set();
}

void join_with_deadline() {
  Event go;
  ThreadHandle thread = start({}, [&] { go.wait(); });
  expect(!thread.join_until(hal::now() + k_millisecond), "joining a live thread times out");
  expect(thread.is_valid(), "after a time-out, the thread can still be joined");
  go.set();
  expect(thread.join_until(hal::now() + 1000 * k_second), "joining ends when the thread does");
  expect(!thread.is_valid(), "a thread is joined once");
}

void states() {
  Mutex mutex(Rank::user);
  Semaphore nothing(0);
  Event never;
  Atomic<bool> over{false};
  Crew<3> crew;
  {
    MutexGuard guard(mutex);
    Thread& locked = crew.add({.name = "locked"}, [&] { MutexGuard inner(mutex); });
    Thread& waiting = crew.add({.name = "waiting"}, [&] { nothing.acquire(); });
    Thread& sleeping = crew.add({.name = "sleeping"}, [&] {
      expect(never.wait({.interruptible = true}) == fail(Errno::intr), "a wait is interrupted");
      while (!over.load(relaxed)) sched::sleep_for(2 * k_millisecond);
    });
    await_blocked(locked, BlockReason::locked);
    expect(sched::view_thread(locked).object == &mutex, "one sees which mutex a thread waits for");
    await_blocked(waiting, BlockReason::waiting);
    await_blocked(sleeping, BlockReason::waiting);
    sched::interrupt(sleeping);
    await_blocked(sleeping, BlockReason::sleeping);
    expect(sched::view_thread(*hal::current()).state == ThreadState::running,
           "who looks is Running");
  }
  nothing.release();
  over.store(true, relaxed);
}

namespace {

// The CPU time of all threads, also the idle ones.
Nanoseconds total_cpu_time() {
  Nanoseconds total = 0;
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu)
    total += sched::cpu_time(sched::cpus[cpu].idle);
  std::array<sched::ThreadView, 8> views;
  uint64_t last_seen = 0;
  while (const size_t count = sched::view_threads(views, last_seen)) {
    for (size_t i = 0; i < count; ++i) total += views[i].cpu_time;
    last_seen = views[count - 1].id;
  }
  return total;
}

}  // namespace

// Every nanosecond of every CPU is some thread's. All is looked at within two moments: between the
// ends of the two, and between their beginnings, lie bounds for what must have been counted.
void cpu_time_adds_up() {
  Atomic<bool> over{false};
  Crew<6> crew;
  crew.add_many(6, [&](unsigned self) {
    while (!over.load(relaxed)) {
      work(100 * k_microsecond);
      if (self % 2 == 0) sched::yield();
      if (self % 3 == 0) sched::sleep_for(50 * k_microsecond);
    }
  });
  const Instant begin_early = hal::now();
  const Nanoseconds before = total_cpu_time();
  const Instant begin_late = hal::now();
  work(60 * k_millisecond);
  const Instant end_early = hal::now();
  const Nanoseconds after = total_cpu_time();
  const Instant end_late = hal::now();
  over.store(true, relaxed);

  const Nanoseconds counted = after - before;
  const unsigned cpus = hal::cpu_count();
  expect(counted >= cpus * (end_early - begin_late), "no time is lost");
  expect(counted <= cpus * (end_late - begin_early), "no time is counted twice");
}

}  // namespace weft::selftest::threads
