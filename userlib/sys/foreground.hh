// Foreground threads and daemons. The process ends when the last foreground thread does: main() is the
// first of them, and every thread is one that is not started as a daemon.
#pragma once

namespace weft::detail {

// One more, one less. Who starts a thread counts it, so that it is never forgotten.
void count_foreground_thread();
void uncount_foreground_thread();

// Marks the calling thread: it does not wait for itself.
void become_foreground_thread();

// Returns when no other foreground thread is left. The end of main() waits here; exit() does not.
void wait_for_foreground_threads();

// From now on nobody waits: the program ends by exit().
void let_foreground_threads_go();

// In the child of a fork there is one thread only.
void forget_foreground_threads();

}  // namespace weft::detail
