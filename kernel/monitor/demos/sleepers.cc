#include "core/base/atomic.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr std::array<unsigned, 8> k_numbers{40, 10, 70, 20, 60, 30, 80, 50};
constexpr Nanoseconds k_unit = 200 * k_microsecond;

bool run(Sink& out) {
  std::array<unsigned, k_numbers.size()> sorted{};
  Atomic<unsigned> awake{0};
  Atomic<bool> somebody_was_early{false};
  Text<100> line("unsorted:");
  Crew<k_numbers.size()> crew;
  for (const unsigned number : k_numbers) {
    format(line, " {}", number);
    crew.add({.name = "sleeper"}, [&, number] {
      const Instant alarm = hal::now() + number * k_unit;
      sched::sleep_until(alarm);
      if (hal::now() < alarm) somebody_was_early.store(true, relaxed);
      sorted[awake.fetch_add(1, relaxed)] = number;
    });
  }
  say(out, "{}", line.view());
  if (!crew.run(out)) return false;
  line.clear();
  line.write("sorted:  ");
  for (const unsigned number : sorted) format(line, " {}", number);
  say(out, "{}", line.view());
  return !somebody_was_early.load(relaxed);
}

}  // namespace

constinit const Demo sleepers_demo{
    "sleepers", "sleep sort: each thread sleeps as long as its number is large",
    "The threads wake in the order of their numbers; the CPUs do nothing meanwhile.\n"
    "A sleep is never shorter than asked for, but it may be longer: on a busy host, two may\n"
    "change places. So it is a nice demo and a bad way to sort.",
    run};

}  // namespace weft::monitor
