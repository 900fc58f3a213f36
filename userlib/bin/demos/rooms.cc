// Run:      rooms
// Look for: the same lines twice: each thing does for coroutines what it does for threads, by the same names.
// Why:      who waits and how differs by level; what a lock or a gate promises does not.
#include "userlib/base/print.hh"
#include "userlib/bin/demos/worlds.hh"
#include "userlib/bin/tools.hh"
#include "userlib/thread/lock.hh"

namespace weft {
namespace {

// Three of them, each with its number, to their end.
template <typename World>
void three(auto function) {
  auto first = World::start([&] { function(1); });
  auto second = World::start([&] { function(2); });
  auto third = World::start([&] { function(3); });
  first.join();
  second.join();
  third.join();
}

template <typename World>
void show_locks() {
  typename World::mutex bathroom;
  int visits = 0;
  three<World>([&](int) {
    for (int i = 0; i < 100; ++i) {
      const lock_guard guard(bathroom);
      ++visits;
    }
  });
  print("  mutex: {} visits of 300 counted\n", visits);

  typename World::recursive_mutex again;
  const unique_lock once(again);
  const unique_lock twice(again);
  print("  recursive mutex: its holder came in again: {}\n", twice.owns_lock());

  typename World::bounded_semaphore kitchen(2);
  kitchen.acquire();
  const bool is_fine = World::give_back(kitchen);
  print("  bounded semaphore: a key is taken back: {}, one too many: {}\n", is_fine,
        World::give_back(kitchen));

  typename World::shared_mutex notice_board;
  typename World::barrier all_read(3);
  three<World>([&](int) {
    const shared_lock reader(notice_board);
    all_read.arrive_and_wait();  // comes back only if all three are inside together
  });
  notice_board.lock();
  print("  reader-writer lock: three readers at once; beside a writer, a reader: {}\n",
        notice_board.try_lock_shared());
  notice_board.unlock();
}

template <typename World>
void show_gates() {
  typename World::mutex lock;
  typename World::condition_variable changed;
  int dishes = 0;
  auto guest = World::start([&] {
    unique_lock held(lock);
    while (dishes < 3) changed.wait(held);
    print("  condition variable: all {} dishes are there\n", dishes);
  });
  three<World>([&](int) {
    const lock_guard guard(lock);
    ++dishes;
    changed.notify_one();
  });
  guest.join();

  typename World::event bell;
  Atomic<int> heard{0};
  const auto ring = World::later([&] { bell.set(); });
  three<World>([&](int) {
    bell.wait();
    heard.fetch_add(1, relaxed);
  });
  print("  event, set by a timer: {} of 3 heard the bell\n", heard.load(relaxed));

  typename World::latch ready(3);
  three<World>([&](int) { ready.count_down(); });
  ready.wait();
  print("  latch: it is open, and stays so: {}\n", ready.try_wait());

  typename World::barrier meeting(3);
  Atomic<int> laps{0};
  Atomic<int> too_early{0};
  three<World>([&](int) {
    for (int lap = 1; lap <= 4; ++lap) {
      laps.fetch_add(1, relaxed);
      meeting.arrive_and_wait();
      if (laps.load(relaxed) < 3 * lap) too_early.fetch_add(1, relaxed);
    }
  });
  print("  barrier: {} laps, {} began before the others were there\n", laps.load(relaxed),
        too_early.load(relaxed));

  typename World::once_flag flag;
  Atomic<int> times{0};
  three<World>([&](int) { call_once(flag, [&] { times.fetch_add(1, relaxed); }); });
  print("  once: three came, it ran {} time\n", times.load(relaxed));
}

}  // namespace

int rooms_main(Arguments) {
  print("threads\n");
  show_locks<Threads>();
  show_gates<Threads>();
  print("coroutines\n");
  coro::run([] {
    show_locks<Coroutines>();
    show_gates<Coroutines>();
  });
  return 0;
}

}  // namespace weft
