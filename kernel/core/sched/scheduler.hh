// The scheduler's mechanism: switch, block, wake, yield, preempt. Which thread runs next is the
// policy's affair (policy.hh). Tricky part: the run queue's lock is held across a switch; the
// thread that leaves takes it, the thread that comes lets it go (scheduler.cc, switch_to).
#pragma once

#include "core/base/calling.hh"
#include "core/sched/policy.hh"
#include "core/sched/thread.hh"

namespace weft::sched {

// ---- Start of the machine --------------------------------------------------------------------

// The very first call on the boot CPU: from here on current() is that CPU's idle thread.
void adopt_boot_cpu();
// Makes the run queues. After it, threads can be started; they run when CPUs come.
void init(PolicyKind kind);
// This CPU is ready: its caller becomes its idle thread and runs what there is.
[[noreturn]] void run_cpu();

PolicyKind policy_kind();

// ---- Threads ---------------------------------------------------------------------------------

// New -> Runnable. entry, argument and the stack are set. The mask allows a CPU that exists.
void start(Thread& thread);
// The running thread ends. Nothing of it is used after this but its memory, until it is `gone`.
[[noreturn]] void exit_current();

// Gives the CPU to the next thread, if the policy has one that should run now.
void yield();
// Sleeps until then; never shorter.
void sleep_until(Instant deadline);
void sleep_for(Nanoseconds duration);

// The policy acts on it at once. Any thread that is not dead.
void set_priority(Thread& thread, int priority);
void set_nice(Thread& thread, int nice);
// Errno::inval if no CPU of the mask exists. It may still run elsewhere for a moment after this,
// but not if it is the caller.
Result<> set_cpu_mask(Thread& thread, CpuMask mask);
// CPU time used until now.
Nanoseconds cpu_time(Thread& thread);
// From now on its CPU time is added there, too; nullptr: nowhere. What it used before is added where
// it was.
void set_account(Thread& thread, Atomic<Nanoseconds>* account);
// Ends the interruptible wait the thread is in, or else the next one.
void interrupt(Thread& thread);

// A CPU that runs a thread of a process is interrupted that often at least. The function is told who
// ran, whether in user mode, and for how long it or others have been running since the last call
// there (a tick at most). It is called in the interrupt, with interrupts off and no lock held.
inline constexpr Nanoseconds k_tick = 10 * k_millisecond;
void on_tick(void (*tick)(Thread& thread, bool in_user_mode, Nanoseconds elapsed));

// ---- For the wait protocol (wait_queue.hh) and for inheritance (sync) -------------------------

// Running -> Blocked, unless the waiter's outcome is known already. Returns when it is, or when an
// earlier wait's wake-up comes late.
void block(Waiter& waiter);
// The same for who has interrupts off. They are on when it returns.
KEEPS_NO_REGISTERS void block_irqs_off(Waiter& waiter);
// Blocked -> Runnable. Does nothing to a thread that isn't blocked. Any context.
void wake(Thread& thread);
// The same for code that has interrupts off anyway, as under a spin lock.
void wake_irqs_off(Thread& thread);
// What the thread inherits from those who wait for it. The inheritance lock is held.
void set_inherited(Thread& thread, int priority);
// Gives the CPU away if that was asked for. Interrupts are on, preempt_depth is 0.
void preempt();
// The thread has a CPU at this moment. A hint, for adaptive spinning; the thread may be gone.
bool is_running(const Thread* thread);

}  // namespace weft::sched
