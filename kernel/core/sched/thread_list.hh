// All threads of the machine, oldest first: for the `threads` command, panics and tests.
#pragma once

#include <span>

#include "core/base/format.hh"
#include "core/sched/thread.hh"

namespace weft::sched {

// What a thread was at one moment.
struct ThreadView {
  uint64_t id = 0;
  Text<24> name;
  ThreadState state{};
  BlockReason reason{};
  const void* object = nullptr;  // what it waits for
  Instant blocked_since = 0;
  unsigned cpu = 0;
  int priority = 0;  // with what it inherits
  int nice = 0;
  Nanoseconds cpu_time = 0;
  uint64_t switches = 0;
};

// Gives the thread its id and puts it on the list. The idle threads are not on it.
void register_thread(Thread& thread);
void unregister_thread(Thread& thread);
size_t thread_count();

// Copies what there is to know of the threads with ids above `after`, as many as fit; how many.
size_t view_threads(std::span<ThreadView> views, uint64_t after = 0);
ThreadView view_thread(Thread& thread);
// Calls look(waiter, argument) if the thread is blocked; it stays so meanwhile, since the lock of its run
// queue is held.
void look_at_wait(Thread& thread, void (*look)(const Waiter& waiter, void* argument),
                  void* argument);

}  // namespace weft::sched
