#include "core/base/atomic.hh"
#include "core/sched/thread_list.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr unsigned k_steps = 5;

bool run(Sink& out) {
  const CpuMask one_cpu = CpuMask{1} << (hal::cpu_count() - 1);
  Atomic<bool> is_over{false};
  Atomic<uint64_t> turns{0};
  uint64_t lost = 0;
  Crew<2> crew;
  crew.add({.name = "hog", .cpu_mask = one_cpu}, [&] {
    const uint64_t before = sched::view_thread(*hal::current()).switches;
    while (!is_over.load(relaxed)) turns.fetch_add(1, relaxed);  // never blocks, never yields
    lost = sched::view_thread(*hal::current()).switches - before;
  });
  crew.add({.name = "modest", .cpu_mask = one_cpu}, [&] {
    for (unsigned step = 1; step <= k_steps; ++step) {
      const uint64_t before = turns.load(relaxed);
      sched::yield();
      say(out, "step {}: the hog went round {} times while I was away", step,
          turns.load(relaxed) - before);
    }
    is_over.store(true, relaxed);
  });
  if (!crew.run(out)) return false;
  say(out, "The hog lost the CPU {} times, each time against its will.", lost);
  return lost > 0;
}

}  // namespace

constinit const Demo preempt_demo{
    "preempt", "a thread that never yields does not stop the others",
    "The hog loops for ever on the same CPU as a modest thread, which says when it may end.\n"
    "If the kernel could not take the CPU away, the modest thread would never say it.\n"
    "The timer does it: after a turn the hog is put at the end of the queue.",
    run};

}  // namespace weft::monitor
