#include "core/sync/mutex.hh"
#include "core/sync/semaphore.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr Nanoseconds k_low_work = 2 * k_millisecond;
constexpr Nanoseconds k_middle_work = 30 * k_millisecond;

// Keeps the CPU busy until the running thread has used that much time.
void work(Nanoseconds duration) {
  Thread& self = *hal::current();
  const Nanoseconds end = sched::cpu_time(self) + duration;
  while (sched::cpu_time(self) < end) hal::relax();
}

// What all three see.
struct Scene {
  Semaphore start_middle{0};
  Semaphore start_high{0};
  bool middle_is_done = false;
  bool high_had_to_wait_for_middle = false;
  Nanoseconds high_waited = 0;
};

// One CPU, three threads: low holds the lock, high wants it, middle only wants to work.
template <typename Lock, typename Unlock>
bool play(Sink& out, Scene& scene, Lock lock, Unlock unlock) {
  const CpuMask one_cpu = CpuMask{1} << (hal::cpu_count() - 1);
  Crew<3> crew;
  crew.add({.name = "low", .priority = 10, .cpu_mask = one_cpu}, [&] {
    lock();
    scene.start_high.release();    // under prio: high runs, wants the lock, blocks
    scene.start_middle.release();  // middle is now more urgent than low, unless low inherits
    work(k_low_work);
    unlock();
  });
  crew.add({.name = "middle", .priority = 30, .cpu_mask = one_cpu}, [&] {
    scene.start_middle.acquire();
    work(k_middle_work);
    scene.middle_is_done = true;
  });
  crew.add({.name = "high", .priority = 50, .cpu_mask = one_cpu}, [&] {
    scene.start_high.acquire();
    const Instant wanted = hal::now();
    lock();
    scene.high_waited = hal::now() - wanted;
    scene.high_had_to_wait_for_middle = scene.middle_is_done;
    unlock();
  });
  return crew.run(out);
}

void tell(Sink& out, std::string_view lock, const Scene& scene) {
  say(out, "{:<34} high waited {:>6} us, middle came {} it", lock,
      scene.high_waited / k_microsecond, scene.high_had_to_wait_for_middle ? "before" : "after");
}

bool run(Sink& out) {
  Scene without;
  Semaphore binary(1);
  if (!play(out, without, [&] { binary.acquire(); }, [&] { binary.release(); })) return false;
  tell(out, "semaphore (nobody owns it):", without);

  Scene with;
  Mutex mutex(Rank::user);
  const bool played = play(
      out, with, [&]() NO_THREAD_SAFETY_ANALYSIS { mutex.lock(); },
      [&]() NO_THREAD_SAFETY_ANALYSIS { mutex.unlock(); });
  if (!played) return false;
  tell(out, "mutex (the owner inherits):", with);

  if (sched::policy_kind() != sched::PolicyKind::prio) {
    say(out, "Priorities count under sched=prio only; boot with that to see the difference.");
    return true;
  }
  return without.high_had_to_wait_for_middle && !with.high_had_to_wait_for_middle;
}

}  // namespace

constinit const Demo inherit_demo{
    "inherit", "priority inversion, and how inheritance ends it",
    "Low holds a lock that high wants. Middle wants no lock, only the CPU, and is more urgent\n"
    "than low: so it keeps low from going on, and high waits for middle. That is the inversion.\n"
    "A mutex has an owner: while high waits, low inherits its priority, and middle has to wait.",
    run};

}  // namespace weft::monitor
