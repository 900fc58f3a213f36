// Clock, sleep and timers. A host may be slow, so nothing here says how late is too late.
#include <optional>

#include "core/sched/cpu.hh"
#include "core/sched/timer.hh"
#include "core/sync/irq_guard.hh"
#include "kernel/selftest.hh"
#include "kernel/tests.hh"
#include "kernel/threads.hh"

namespace weft::selftest::time {

void sleep_is_never_short() {
  Crew<16> crew;
  crew.add_many(16, [](unsigned self) {
    for (unsigned i = 0; i < 25; ++i) {
      const Instant deadline = hal::now() + (self * 37 + i * 101) % 1000 * k_microsecond;
      sched::sleep_until(deadline);
      expect(hal::now() >= deadline, "a sleep is not shorter than asked for");
    }
  });
}

namespace {

// Timers that note when they ran, in the order in which they ran.
struct Alarms {
  static constexpr size_t k_count = 40;

  struct Alarm {
    Alarms* all = nullptr;
    Instant deadline = 0;
    Instant rang = 0;
  };

  // In an interrupt of the CPU that all of them were started on.
  static void ring(void* argument) {
    auto& alarm = *static_cast<Alarm*>(argument);
    alarm.rang = hal::now();
    Alarms& all = *alarm.all;
    all.order[all.count.load(relaxed)] = &alarm;
    all.count.fetch_add(1, release);
  }

  std::array<Alarm, k_count> alarms;
  std::array<Alarm*, k_count> order{};
  Atomic<size_t> count{0};
};

}  // namespace

void timers_fire_in_order() {
  const PinnedTo here(last_cpu());
  Alarms all;
  std::array<std::optional<sched::Timer>, Alarms::k_count> timers;
  {
    const IrqGuard none_rings_before_all_are_set;
    const Instant now = hal::now();
    for (size_t i = 0; i < Alarms::k_count; ++i) {
      all.alarms[i].all = &all;
      all.alarms[i].deadline = now + (i * 17 % Alarms::k_count + 1) * 20 * k_microsecond;
      timers[i].emplace(Alarms::ring, &all.alarms[i]).start(all.alarms[i].deadline);
    }
  }
  await([&] { return all.count.load(acquire) == Alarms::k_count; });
  for (size_t i = 0; i < Alarms::k_count; ++i) {
    expect(all.order[i]->rang >= all.order[i]->deadline, "no timer runs before its time");
    if (i == 0) continue;
    expect(all.order[i - 1]->deadline <= all.order[i]->deadline,
           "timers run in the order of deadlines");
  }
}

void cancelled_timers_stay_silent() {
  const PinnedTo here(last_cpu());
  Alarms all;
  std::array<std::optional<sched::Timer>, Alarms::k_count> timers;
  size_t cancelled = 0;
  {
    const IrqGuard none_rings_before_all_are_set;
    const Instant deadline = hal::now() + 200 * k_microsecond;
    for (size_t i = 0; i < Alarms::k_count; ++i) {
      all.alarms[i].all = &all;
      timers[i].emplace(Alarms::ring, &all.alarms[i]).start(deadline);
    }
    for (size_t i = 0; i < Alarms::k_count; i += 3) cancelled += timers[i]->cancel() ? 1 : 0;
  }
  expect_equal(cancelled, (Alarms::k_count + 2) / 3, "timers cancelled before their time");
  await([&] { return all.count.load(acquire) == Alarms::k_count - cancelled; });
  sched::sleep_for(k_millisecond);
  for (size_t i = 0; i < Alarms::k_count; ++i) {
    expect_equal(all.alarms[i].rang == 0, i % 3 == 0, "a timer is silent if it was cancelled");
    expect(!timers[i]->cancel(), "what is over cannot be cancelled");
  }
}

// The CPUs look at the clock in turn.
void clock_never_goes_back() {
  const unsigned cpus = hal::cpu_count();
  Atomic<unsigned> turn{0};
  Instant latest = 0;  // whose turn it is may read and write it
  Crew<hal::k_max_cpus> crew;
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    crew.add({.cpu_mask = only_cpu(cpu)}, [&, cpu] {
      for (unsigned mine = cpu; mine < 100 * cpus; mine += cpus) {
        while (turn.load(acquire) != mine) hal::relax();
        const Instant now = hal::now();
        expect(now >= latest, "the clock never goes back, on whatever CPU one looks");
        latest = now;
        turn.store(mine + 1, release);
      }
    });
  }
}

}  // namespace weft::selftest::time
