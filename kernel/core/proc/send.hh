// Sending signals with tree_lock held, for those who look for the receiver or follow a change in the
// tree; and what a sender may do to a process: end it, stop it, let it go on.
#pragma once

#include "core/proc/process.hh"
#include "core/proc/signal.hh"

namespace weft::proc {

struct Group;

// To the thread, or with nullptr to the process. As send_to_process().
Result<> send_locked(Process& process, UserThread* thread, const SignalInfo& info)
    REQUIRES(tree_lock);
// A signal to the process would be dropped at once.
bool drops(Process& process, int signal) REQUIRES(tree_lock);
void send_to_members(Group& group, const SignalInfo& info) REQUIRES(tree_lock);

// The signal lock of the thread's process is held in all of these.
// The thread looks for signals before it runs on in user mode, and waits for nothing meanwhile.
void alert(UserThread& thread);
// The running thread's mask becomes that; others look for what it blocks from now on.
void change_blocked(UserThread& self, SignalSet blocked);
// It has a signal to deliver, or its process ends or stops.
bool has_to_act(const UserThread& self);
// Alerts the running thread if it has to do with signals; if not, it may wait in peace.
void update_alert(UserThread& self);
// The thread will take no more of these signals; if they wait for any thread, another one looks.
void leave_to_others(UserThread& thread, SignalSet signals);
// All threads of the process are to end, and it with that status, unless they are ending already.
void begin_end(Process& process, int status) REQUIRES(process.signal_lock);

}  // namespace weft::proc
