#include "core/sched/reaper_queue.hh"

#include "core/sched/wait_queue.hh"

namespace weft::sched {
namespace {

struct ReaperQueue {
  SpinLock lock{Rank::wait_queue};
  WaitQueue reaper GUARDED_BY(lock){lock};
  List<Thread, &Thread::dead_hook> dead GUARDED_BY(lock);
};

[[clang::no_destroy]] constinit ReaperQueue queue;
constinit Atomic<size_t> departing{0};

}  // namespace

void announce_departure() {
  hal::current()->is_departing = true;
  departing.fetch_add(1, relaxed);
}

size_t departing_threads() { return departing.load(acquire); }
void note_freed_departing_thread() { departing.fetch_sub(1, release); }

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
    Waiter self(BlockReason::waiting, &queue);
    queue.reaper.prepare(self);
    queue.reaper.block(self);
  }
}

}  // namespace weft::sched
