// Where detached threads wait to be freed: a thread cannot free the stack it stands on.
#pragma once

#include "core/sched/thread.hh"

namespace weft::sched {

// The running thread, which is detached, will soon be gone: who wants to see its memory come back can
// wait for that.
void announce_departure();
// How many have been announced and not yet been freed. The reaper tells when one has been.
size_t departing_threads();
void note_freed_departing_thread();
// A detached thread is gone for good. Any context; never blocks.
void send_to_reaper(Thread& thread);
// The next such thread; blocks until there is one. For the reaper (core/proc/kernel_thread.cc).
Thread& wait_for_dead_thread();

}  // namespace weft::sched
