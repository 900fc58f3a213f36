// Who gets the CPU: what holds under every policy, and what each of them promises besides.
#include "core/sched/cpu.hh"
#include "core/sync/mutex.hh"
#include "core/sync/semaphore.hh"
#include "kernel/selftest.hh"
#include "kernel/tests.hh"
#include "kernel/threads.hh"

namespace weft::selftest::scheduling {
namespace {

bool policy_is(sched::PolicyKind kind) {
  if (sched::policy_kind() == kind) return true;
  note(Text<40>("only under sched={}", sched::policy_name(kind)).view());
  return false;
}

// The running thread has another priority while this lives.
class WithPriority {
 public:
  explicit WithPriority(int priority) { sched::set_priority(*hal::current(), priority); }
  ~WithPriority() { sched::set_priority(*hal::current(), sched::k_normal_priority); }
  WithPriority(const WithPriority&) = delete;
  WithPriority& operator=(const WithPriority&) = delete;
};

}  // namespace

// If the kernel couldn't take the CPU away from the spinner, this would never end.
void spinner_is_preempted() {
  Atomic<bool> over{false};
  uint64_t switches_of_spinner = 0;
  Crew<2> crew;
  crew.add({.name = "spinner", .cpu_mask = only_cpu(last_cpu())}, [&] {
    while (!over.load(relaxed)) {
    }
    switches_of_spinner = sched::view_thread(*hal::current()).switches;
  });
  crew.add({.name = "modest", .cpu_mask = only_cpu(last_cpu())}, [&] {
    for (int i = 0; i < 5; ++i) sched::yield();
    over.store(true, relaxed);
  });
  crew.join();
  expect(switches_of_spinner >= 2, "the spinner lost the CPU and got it back");
}

// More threads than CPUs, none of which ever gives the CPU away before all have got on.
void everybody_gets_on() {
  constexpr unsigned k_threads = 24;
  std::array<Atomic<unsigned>, k_threads> turns{};
  Crew<k_threads> crew;
  crew.add_many(k_threads, [&](unsigned self) {
    for (;;) {
      turns[self].fetch_add(1, relaxed);
      bool all_got_on = true;
      for (const auto& count : turns) all_got_on &= count.load(relaxed) != 0;
      if (all_got_on) return;
    }
  });
}

// Threads that become Runnable at one moment run in the order of their priorities, not in that of
// their coming.
void urgent_goes_first() {
  if (!policy_is(sched::PolicyKind::prio)) return;
  const PinnedTo here(last_cpu());
  constexpr std::array<int, 5> k_priorities{20, 50, 10, 40, 30};
  std::array<int, k_priorities.size()> order{};
  unsigned came = 0;  // by threads of one CPU, none of which preempts another
  Crew<k_priorities.size()> crew;
  {
    const WithPriority most_urgent(sched::k_highest_priority);
    for (const int priority : k_priorities) {
      crew.add({.priority = priority, .cpu_mask = only_cpu(last_cpu())},
               [&, priority] { order[came++] = priority; });
    }
    expect_equal(came, 0u, "less urgent threads that ran");
    crew.join();
  }
  for (size_t i = 0; i < order.size(); ++i) {
    expect_equal(order[i], 50 - static_cast<int>(i) * 10, "priority of the next to run");
  }
}

// The owner of a mutex runs with the priority of those who wait for it, and only as long as they do.
void inheritance() {
  Mutex mutex(Rank::user);
  Semaphore go_on(0);
  Crew<3> crew;
  Thread& low = crew.add({.name = "low", .priority = 10}, [&] {
    MutexGuard guard(mutex);
    go_on.acquire();
  });
  await_blocked(low, BlockReason::waiting);
  expect_equal(sched::view_thread(low).priority, 10, "priority of an owner nobody waits for");
  Thread& high = crew.add({.name = "high", .priority = 50}, [&] { MutexGuard guard(mutex); });
  await_blocked(high, BlockReason::locked);
  expect_equal(sched::view_thread(low).priority, 50,
               "priority of an owner that an urgent thread waits for");
  go_on.release();
  crew.join();

  // Nobody inherits from a thread that has given up.
  Thread& owner = crew.add({.name = "owner", .priority = 10}, [&] {
    MutexGuard guard(mutex);
    go_on.acquire();
  });
  await_blocked(owner, BlockReason::waiting);
  crew.add({.name = "hasty", .priority = 60}, [&]() NO_THREAD_SAFETY_ANALYSIS {
    expect(!mutex.lock_until(hal::now() + k_millisecond), "the mutex is not had in time");
    expect_equal(sched::view_thread(owner).priority, 10, "priority of an owner after a time-out");
    go_on.release();
  });
}

// high waits for middle's mutex, and middle for low's: so low inherits from high.
void inheritance_along_a_chain() {
  Mutex first(Rank::user);
  Mutex second(Rank::user_inner);
  Semaphore go_on(0);
  Crew<3> crew;
  Thread& low = crew.add({.name = "low", .priority = 10}, [&] {
    MutexGuard guard(second);
    go_on.acquire();
  });
  await_blocked(low, BlockReason::waiting);
  Thread& middle = crew.add({.name = "middle", .priority = 20}, [&] {
    MutexGuard guard(first);
    MutexGuard inner(second);
  });
  await_blocked(middle, BlockReason::locked);
  expect_equal(sched::view_thread(low).priority, 20,
               "priority inherited from the next in the chain");
  Thread& high = crew.add({.name = "high", .priority = 50}, [&] { MutexGuard guard(first); });
  await_blocked(high, BlockReason::locked);
  expect_equal(sched::view_thread(middle).priority, 50, "priority inherited directly");
  expect_equal(sched::view_thread(low).priority, 50, "priority inherited along the chain");
  go_on.release();
}

namespace {

// Keeps the CPU busy while the condition holds. Returns for how long a busy host let the CPU stand still:
// that counts as the thread's CPU time, but comes in steps that no instruction takes.
template <typename Condition>
Nanoseconds busy_while(Condition condition) {
  Thread& self = *hal::current();
  Nanoseconds held_up = 0;
  Nanoseconds last = sched::cpu_time(self);
  while (condition()) {
    const Nanoseconds now = sched::cpu_time(self);
    if (now - last > 10 * k_millisecond) held_up += now - last;
    last = now;
  }
  return held_up;
}

}  // namespace

// Niceness 5 weighs a third of niceness 0: so much CPU time it gets beside it. The bounds are wide, but
// equal shares are outside.
void fair_shares() {
  if (!policy_is(sched::PolicyKind::fair)) return;
  constexpr Nanoseconds k_measured = 300 * k_millisecond;
  constexpr Nanoseconds k_expected = k_measured * 335 / 1024;
  Atomic<bool> over{false};
  Event go;
  Nanoseconds used_by_nice = 0;
  Nanoseconds nice_held_up = 0;
  Nanoseconds plain_held_up = 0;
  Crew<2> crew;
  Thread& nice = crew.add({.name = "nice", .nice = 5, .cpu_mask = only_cpu(last_cpu())}, [&] {
    go.wait();
    nice_held_up = busy_while([&] { return !over.load(relaxed); });
  });
  crew.add({.name = "plain", .cpu_mask = only_cpu(last_cpu())}, [&] {
    go.wait();
    const Nanoseconds before = sched::cpu_time(nice);
    const Nanoseconds end = sched::cpu_time(*hal::current()) + k_measured;
    plain_held_up = busy_while([&] { return sched::cpu_time(*hal::current()) < end; });
    used_by_nice = sched::cpu_time(nice) - before;
    over.store(true, relaxed);
  });
  go.set();
  crew.join();
  const Nanoseconds held_up = nice_held_up + plain_held_up;
  expect(used_by_nice + held_up > k_expected / 2, "the nice thread gets its share");
  expect(used_by_nice < k_expected * 2 + held_up, "the nice thread gets no more than its share");
  note(Text<80>("{} ms beside {} ms, held up {} ms", used_by_nice / k_millisecond,
                k_measured / k_millisecond, held_up / k_millisecond)
           .view());
}

}  // namespace weft::selftest::scheduling
