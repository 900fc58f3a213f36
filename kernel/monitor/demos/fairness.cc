#include <algorithm>

#include "core/base/atomic.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr std::array<int, 4> k_nice{-5, 0, 5, 10};
constexpr Nanoseconds k_duration = 400 * k_millisecond;

bool run(Sink& out) {
  const CpuMask one_cpu = CpuMask{1} << (hal::cpu_count() - 1);
  std::array<Nanoseconds, k_nice.size()> used{};
  Atomic<bool> is_over{false};
  Crew<k_nice.size()> crew;
  for (size_t i = 0; i < k_nice.size(); ++i) {
    crew.add({.name = "worker", .nice = k_nice[i], .cpu_mask = one_cpu}, [&, i] {
      while (!is_over.load(relaxed)) hal::relax();
      used[i] = sched::cpu_time(*hal::current());
    });
  }
  crew.begin();
  sched::sleep_for(k_duration);
  is_over.store(true, relaxed);
  if (!crew.run(out)) return false;

  Nanoseconds total = 0;
  for (const Nanoseconds time : used) total += time;
  for (size_t i = 0; i < k_nice.size(); ++i) {
    const auto percent = static_cast<unsigned>(used[i] * 100 / total);
    Text<60> bar;
    for (unsigned n = 0; n < percent / 2; ++n) bar.write("#");
    say(out, "nice {:>3}: {:>6} ms {:>3} %  {}", k_nice[i], used[i] / k_millisecond, percent,
        bar.view());
  }
  if (sched::policy_kind() != sched::PolicyKind::fair) {
    say(out, "Niceness counts under sched=fair only; this is {}.",
        sched::policy_name(sched::policy_kind()));
    return true;
  }
  return std::ranges::min(used) > 0 && used.front() > used.back();
}

}  // namespace

constinit const Demo fairness_demo{
    "fairness", "four threads of different niceness share one CPU",
    "All four want the CPU all the time. Under sched=fair each gets a share by its niceness:\n"
    "five steps are a factor of three, so the shares should be about 68, 22, 7 and 2 percent.\n"
    "Nobody gets nothing. Other policies ignore niceness.",
    run};

}  // namespace weft::monitor
