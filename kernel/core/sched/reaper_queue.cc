#include "core/sched/reaper_queue.hh"

#include "core/sched/wait_queue.hh"
#include "core/sync/mutex.hh"

namespace weft::sched {
namespace {

struct ReaperQueue {
  SpinLock lock{Rank::wait_queue};
  WaitQueue reaper GUARDED_BY(lock){lock};
  List<Thread, &Thread::dead_hook> dead GUARDED_BY(lock);
  WaitQueue idle GUARDED_BY(lock){lock};  // for who wants to know that nobody is dead
};

[[clang::no_destroy]] constinit ReaperQueue queue;

// Who departs counts in the generation of that moment. Who waits starts the other one, and waits for
// this one's to be gone. (Who reads the number just before it changes counts in the old one: then
// both are at it at the same time, and either order is right.)
constinit std::array<Atomic<size_t>, 2> departing{};
constinit Atomic<int8_t> generation{0};
[[clang::no_destroy]] constinit Mutex one_waits{Rank::departures};

}  // namespace

void announce_departure() {
  const int8_t now = generation.load(relaxed);
  hal::current()->departure = now;
  departing[now].fetch_add(1, relaxed);
}

void note_freed_departing_thread(int8_t departure) { departing[departure].fetch_sub(1, release); }

void wait_for_departures() {
  MutexGuard only_one(one_waits);
  const int8_t before = generation.load(relaxed);
  generation.store(1 - before, relaxed);
  SpinGuard guard(queue.lock);
  while (departing[before].load(acquire) != 0) {
    Waiter self(BlockReason::waiting, &queue);
    queue.idle.prepare(self);
    queue.idle.block(self);
  }
}

void send_to_reaper(Thread& thread) {
  SpinGuard guard(queue.lock);
  queue.dead.push_back(thread);
  queue.reaper.wake_one();
}

Thread& wait_for_dead_thread() {
  SpinGuard guard(queue.lock);
  for (;;) {
    Thread* thread = queue.dead.pop_front();
    if (thread != nullptr) return *thread;
    queue.idle.wake_all();
    Waiter self(BlockReason::waiting, &queue);
    queue.reaper.prepare(self);
    queue.reaper.block(self);
  }
}

}  // namespace weft::sched
