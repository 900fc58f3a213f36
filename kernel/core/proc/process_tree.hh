// What the files that change the tree of processes share: the table of numbers, and who is first.
#pragma once

#include "core/proc/process.hh"

namespace weft::proc {

extern PidTable pids GUARDED_BY(tree_lock);
extern Process* first_process;  // set once

// The thread has that number from now on.
void add_thread(Process& process, UserThread& thread, int32_t tid) REQUIRES(tree_lock);
void set_parent(Process& process, Process& parent) REQUIRES(tree_lock);

}  // namespace weft::proc
