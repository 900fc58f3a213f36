// Where detached threads wait to be freed: a thread cannot free the stack it stands on.
#pragma once

#include "core/sched/thread.hh"

namespace weft::sched {

// The running thread, which is detached, will soon be gone: who wants to see its memory come back can
// wait for that.
void announce_departure();
// Blocks until all threads are freed that were announced before. New ones don't prolong the wait.
void wait_for_departures();
// One of them has been freed: its Thread::departure. The reaper tells.
void note_freed_departing_thread(int8_t departure);
// A detached thread is gone for good. Any context; never blocks.
void send_to_reaper(Thread& thread);
// The next such thread; blocks until there is one. For the reaper (core/proc/kernel_thread.cc).
Thread& wait_for_dead_thread();

}  // namespace weft::sched
