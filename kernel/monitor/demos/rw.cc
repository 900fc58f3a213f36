#include "core/base/atomic.hh"
#include "core/sync/rw_lock.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr unsigned k_readers = 6;
constexpr unsigned k_writers = 2;
constexpr unsigned k_reads = 300;
constexpr unsigned k_writes = 100;

// Two values that must be equal whenever nobody writes.
struct Pair {
  unsigned first = 0;
  unsigned second = 0;
};

void raise_to(Atomic<unsigned>& most, unsigned value) {
  unsigned seen = most.load(relaxed);
  while (seen < value && !most.compare_exchange(seen, value, relaxed)) {
  }
}

bool run(Sink& out) {
  RwLock lock(Rank::user);
  Pair pair;
  Atomic<unsigned> torn{0};
  Atomic<unsigned> inside{0};
  Atomic<unsigned> most_inside{0};
  Crew<k_readers + k_writers> crew;
  for (unsigned i = 0; i < k_readers; ++i) {
    crew.add({.name = "reader"}, [&] {
      for (unsigned read = 0; read < k_reads; ++read) {
        lock.lock_shared();
        raise_to(most_inside, inside.fetch_add(1, relaxed) + 1);
        const unsigned first = pair.first;
        if (read % 32 == 0) sched::sleep_for(300 * k_microsecond);
        if (pair.second != first) torn.fetch_add(1, relaxed);
        inside.fetch_sub(1, relaxed);
        lock.unlock_shared();
      }
    });
  }
  for (unsigned i = 0; i < k_writers; ++i) {
    crew.add({.name = "writer"}, [&] {
      for (unsigned write = 0; write < k_writes; ++write) {
        lock.lock();
        ++pair.first;
        sched::yield();
        ++pair.second;
        lock.unlock();
        sched::yield();
      }
    });
  }
  if (!crew.run(out)) return false;
  say(out, "{} reads, {} of them saw half a write", k_readers * k_reads, torn.load(relaxed));
  say(out, "{} writes", pair.first);
  say(out, "at most {} readers were in at once", most_inside.load(relaxed));
  return torn.load(relaxed) == 0 && pair.first == k_writers * k_writes &&
         most_inside.load(relaxed) > 1;
}

}  // namespace

constinit const Demo rw_demo{
    "rw", "many readers or one writer",
    "Writers change two values one after the other and lose the CPU in between; no reader may\n"
    "see that. Readers sleep in the middle now and then, and meanwhile other readers are in, too.\n"
    "Readers never stop coming, but the writers get in: the lock serves in order of arrival.",
    run};

}  // namespace weft::monitor
