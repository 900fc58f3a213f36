#include "core/sched/scheduler.hh"

#include "core/sched/balance.hh"
#include "core/sched/cpu.hh"
#include "core/sched/reaper_queue.hh"
#include "core/sched/thread_list.hh"
#include "core/sched/wait_queue.hh"
#include "core/sync/irq_guard.hh"
#include "core/trace/trace.hh"

namespace weft::sched {

namespace {

PolicyKind chosen_policy = PolicyKind::rr;

// ---- Placing threads on CPUs -------------------------------------------------------------------

// Puts a Runnable thread on the queue of `cpu`, and sees to it that it runs when it should.
[[gnu::always_inline]] inline void enqueue_on(Cpu& cpu, Thread& thread, Arrival why, Instant now)
    REQUIRES(cpu.queue.lock) {
  if (cpu.queue.is_idle()) {
    cpu.queue.charge(now);
    cpu.queue.enqueue(thread, why, now);
    request_reschedule(cpu);
    return;
  }
  // Somebody has to wait here. An idle CPU may help.
  const Nanoseconds left = cpu.queue.arrive(thread, why, now);
  if (left == 0) {
    request_reschedule(cpu);
    kick_idle_cpu(cpu.queue.running()->cpu_mask);
  } else {
    request_turn_end(cpu, now + left);
    kick_idle_cpu(thread.cpu_mask);
  }
}

// ---- The switch --------------------------------------------------------------------------------

// A thread has left its CPU for the last time. From the end of this function on it may be freed.
void announce_end(Thread& thread) {
  bool to_reaper;
  {
    SpinGuard guard(thread.exit_lock);
    thread.gone = true;
    to_reaper = thread.detached;
    if (thread.joiner != nullptr && thread.joiner->claim(Outcome::woken))
      wake(thread.joiner->thread());
  }
  if (to_reaper) send_to_reaper(thread);
}

// The thread that has left is neither blocked nor in the queue: it has ended, or may not stay on this CPU,
// or is the idle one.
[[gnu::noinline]] void part_from(Cpu& cpu, Thread& previous) NO_THREAD_SAFETY_ANALYSIS {
  const bool is_dead = previous.state == ThreadState::dead;
  const bool has_to_move = previous.state == ThreadState::runnable && &previous != &cpu.idle;
  // Only now, off its stack, may it belong to another CPU.
  if (has_to_move) previous.cpu.store(find_cpu(previous.cpu_mask, cpu.id), release);
  cpu.queue.lock.unlock_irqs_off();
  if (is_dead) announce_end(previous);
  if (has_to_move) place(previous, Arrival::moved);
}

// The second half of a switch, on the side of the thread that comes: lets go the lock that the
// leaving thread took, and settles what became of that thread. Interrupts are off.
[[gnu::always_inline]] inline void finish_switch() NO_THREAD_SAFETY_ANALYSIS {
  Cpu& cpu = this_cpu();
  Thread& previous = *cpu.queue.previous;
  if (previous.state == ThreadState::blocked || previous.queued) [[likely]] {
    cpu.queue.lock.unlock_irqs_off();
  } else {
    part_from(cpu, previous);
  }
}

// The first half: from here on the CPU belongs to `next`. Returns when somebody switches back. The
// run queue's lock is held here and let go by `next`, in its own finish_switch(); so nobody can
// wake or steal a thread whose registers are not all saved yet.
//
//   leaving thread                    coming thread
//   lock the run queue
//   enqueue itself, pick next
//   hal::switch_context  - - - - - ->  returns from its own hal::switch_context
//                                      finish_switch: unlock the run queue
[[gnu::always_inline]] inline void switch_to(Cpu& cpu, Thread& self,
                                             Thread& next) NO_THREAD_SAFETY_ANALYSIS {
  cpu.queue.previous = &self;
  cpu.queue.set_running(next);
  ++cpu.counts.switches;
  ++next.switches;
  if (hal::is_set(trace::is_on)) [[unlikely]]  // first of all, before the arguments are looked up
    trace::record(trace::Kind::switches, next.id(), cpu.queue.queued(),
                  static_cast<unsigned>(self.state));
  hal::set_current(&next);
  if (self.user != next.user) hal::switch_user(self.user, next.user);
  hal::switch_context(self.context, next.context);
  finish_switch();
}

// Who runs next, the running thread among them.
[[gnu::always_inline]] inline Thread* choose_next(Cpu& cpu, Thread& self, Arrival why,
                                                  Instant now) NO_THREAD_SAFETY_ANALYSIS {
  RunQueue& queue = cpu.queue;
  if (&self == &cpu.idle) {
    queue.charge(now);
    leave_idle(cpu);
  } else {
    self.state = ThreadState::runnable;
    if ((self.cpu_mask >> cpu.id & 1) == 0) [[unlikely]] {
      return queue.replace(self, now);  // it may not stay here: finish_switch() sends it away
    } else if (why == Arrival::yielded) {
      return queue.yield(self, now);
    } else {
      queue.charge(now);
      queue.enqueue(self, why, now);
    }
  }
  return queue.pick(now);
}

// The chosen thread, or the idle one, is Running from now on, and has a timer for what ends that.
[[gnu::always_inline]] inline Thread& begin_turn(Cpu& cpu, Thread* chosen, Instant now)
    REQUIRES(cpu.queue.lock) {
  if (chosen == nullptr) {
    chosen = &cpu.idle;
  } else {
    if (cpu.queue.queued() != 0) {
      cpu.arm_no_later_than(now + cpu.queue.policy().turn_left(*chosen));
    }
    if (chosen->user != nullptr) cpu.arm_no_later_than(now + k_tick);
  }
  chosen->state = ThreadState::running;
  return *chosen;
}

// Gives the CPU to whoever should have it; the running thread still wants it, or is the idle one. The
// run queue is locked; it is not when this returns.
[[gnu::always_inline]] inline void reschedule(Cpu& cpu, Arrival why, Instant now)
    RELEASE(cpu.queue.lock) NO_THREAD_SAFETY_ANALYSIS {
  Thread& self = *hal::current();
  self.wants_reschedule = false;
  Thread& next = begin_turn(cpu, choose_next(cpu, self, why, now), now);
  if (&next == &self) {
    cpu.queue.lock.unlock_irqs_off();
  } else {
    if (self.state == ThreadState::runnable) ++self.preemptions;
    switch_to(cpu, self, next);
  }
}

// The same for a running thread that doesn't want the CPU any more: its state says so.
[[gnu::always_inline]] inline void give_up_cpu(Cpu& cpu, Thread& self, Instant now)
    RELEASE(cpu.queue.lock) NO_THREAD_SAFETY_ANALYSIS {
  self.wants_reschedule = false;
  switch_to(cpu, self, begin_turn(cpu, cpu.queue.replace(self, now), now));
}

// Where every thread begins: in the middle of a switch to it.
void thread_begins(void* argument) {
  finish_switch();
  hal::irq_restore(true);
  auto& thread = *static_cast<Thread*>(argument);
  thread.entry(thread.argument);
  exit_current();
}

}  // namespace

void place(Thread& thread, Arrival why) NO_THREAD_SAFETY_ANALYSIS {
  IrqGuard irqs_off;
  for (;;) {
    HomeLock home(thread);
    if ((thread.cpu_mask >> home.cpu().id & 1) != 0) [[likely]] {
      enqueue_on(home.cpu(), thread, why, hal::now());
      return;
    }
    // The mask has changed since that CPU was chosen.
    thread.cpu.store(find_cpu(thread.cpu_mask, home.cpu().id), release);
  }
}

// ---- Start of the machine ----------------------------------------------------------------------

void adopt_boot_cpu() { hal::set_current(&cpus[hal::cpu_id()].idle); }

void init(PolicyKind kind) {
  chosen_policy = kind;
  for (unsigned id = 0; id < hal::cpu_count(); ++id) {
    Cpu& cpu = cpus[id];
    cpu.id = id;
    cpu.idle.cpu.store(id, relaxed);
    cpu.idle.state = ThreadState::running;
    cpu.queue.init(kind, cpu.idle);
  }
}

PolicyKind policy_kind() { return chosen_policy; }

void run_cpu() {
  hal::irq_save();
  Cpu& cpu = this_cpu();
  hal::set_current(&cpu.idle);
  {
    SpinGuard guard(cpu.queue.lock);
    cpu.queue.start_clock(hal::now());
  }
  enter_service(cpu);
  for (;;) {
    wait_for_work(cpu);
    cpu.queue.lock.lock_irqs_off();
    reschedule(cpu, Arrival::yielded, hal::now());
  }
}

// ---- Threads -----------------------------------------------------------------------------------

void start(Thread& thread) {
  ASSERT(thread.state == ThreadState::fresh, "a thread starts once");
  register_thread(thread);
  trace::record(trace::Kind::thread_starts, thread.id());
  trace::record_name(thread.id(), thread.name());
  hal::init_context(thread.context, thread.stack_base, thread.stack_size, thread_begins, &thread);
  IrqGuard irqs_off;
  thread.cpu.store(choose_cpu(thread, hal::cpu_id()), release);
  {
    HomeLock home(thread);
    thread.state = ThreadState::runnable;
  }
  place(thread, Arrival::fresh);
}

void exit_current() {
  hal::irq_save();
  Cpu& cpu = this_cpu();
  cpu.queue.lock.lock_irqs_off();
  Thread& self = *hal::current();
  trace::record(trace::Kind::thread_ends);
  self.state = ThreadState::dead;
  give_up_cpu(cpu, self, hal::now());
  panic("broken promise: a dead thread never runs");
}

void yield() {
  const bool were_on = hal::irq_save();
  Cpu& cpu = this_cpu();
  cpu.queue.lock.lock_irqs_off();
  reschedule(cpu, Arrival::yielded, hal::now());
  restore_interrupts(were_on);
}

void preempt() {
  const bool were_on = hal::irq_save();
  Thread& self = *hal::current();
  if (self.wants_reschedule) {
    Cpu& cpu = this_cpu();
    cpu.queue.lock.lock_irqs_off();
    const Instant now = hal::now();
    cpu.queue.charge(now);
    const bool turn_is_over = &self != &cpu.idle && cpu.queue.policy().turn_left(self) == 0;
    reschedule(cpu, turn_is_over ? Arrival::expired : Arrival::preempted, now);
  }
  hal::irq_restore(were_on);
}

void sleep_until(Instant deadline) {
  Waiter waiter(BlockReason::sleeping, nullptr);
  waiter.block(WaitLimit::until(deadline));
}

void sleep_for(Nanoseconds duration) { sleep_until(hal::now() + duration); }

// ---- Block and wake ----------------------------------------------------------------------------

void block(Waiter& waiter) {
  hal::irq_disable();  // they are on: who blocks sees to that
  block_irqs_off(waiter);
}

KEEPS_NO_REGISTERS void block_irqs_off(Waiter& waiter) {
  Cpu& cpu = this_cpu();
  cpu.queue.lock.lock_irqs_off();
  Thread& self = *hal::current();
  // A wait that has just ended otherwise leaves the interrupt to the next one.
  if (self.interrupt_pending && waiter.is_interruptible() && waiter.claim(Outcome::interrupted)) {
    self.interrupt_pending = false;
  }
  if (waiter.outcome() != Outcome::pending) {
    cpu.queue.lock.unlock_irqs_off();
  } else {
    const Instant now = hal::now();
    self.state = ThreadState::blocked;
    self.block_reason = waiter.reason();
    self.waiter = &waiter;
    self.blocked_since = now;
    if (hal::is_set(trace::is_on)) [[unlikely]]
      trace::record(trace::Kind::blocks, reinterpret_cast<uintptr_t>(waiter.object()), 0,
                    static_cast<unsigned>(waiter.reason()));
    give_up_cpu(cpu, self, now);
    if (hal::is_set(trace::is_on)) [[unlikely]]
      trace::record(trace::Kind::unblocks, reinterpret_cast<uintptr_t>(waiter.object()), 0,
                    static_cast<unsigned>(waiter.outcome()));
  }
  allow_interrupts(self);
}

namespace {

// Blocked -> Runnable, on the CPU where it ran last or on an idle one.
[[gnu::always_inline]] inline void wake_blocked(Thread& thread,
                                                HomeLock& home) NO_THREAD_SAFETY_ANALYSIS {
  Cpu& cpu = home.cpu();
  thread.state = ThreadState::runnable;
  thread.block_reason = BlockReason::none;
  thread.waiter = nullptr;
  if (!should_stay(thread, cpu.id)) [[unlikely]] {
    const unsigned better = choose_cpu(thread, cpu.id);
    if (better != cpu.id) {
      trace::record(trace::Kind::wakes, thread.id(), 0, better);
      // It moves: from here on it belongs to the other CPU, on no queue, until place() has put it there.
      thread.cpu.store(better, release);
      home.unlock();
      return place(thread, Arrival::woken);
    }
  }
  if (hal::is_set(trace::is_on)) [[unlikely]]
    trace::record(trace::Kind::wakes, thread.id(), 0, cpu.id);
  enqueue_on(cpu, thread, Arrival::woken, hal::now());
}

}  // namespace

void wake(Thread& thread) {
  const bool were_on = hal::irq_save();
  wake_irqs_off(thread);
  restore_interrupts(were_on);
}

void wake_irqs_off(Thread& thread) {
  HomeLock home(thread);
  if (thread.state == ThreadState::blocked) wake_blocked(thread, home);
}

void interrupt(Thread& thread) {
  IrqGuard irqs_off;
  HomeLock home(thread);
  if (thread.state == ThreadState::blocked && thread.waiter->is_interruptible() &&
      thread.waiter->claim(Outcome::interrupted)) {
    wake_blocked(thread, home);
  } else {
    thread.interrupt_pending = true;
  }
}

}  // namespace weft::sched
