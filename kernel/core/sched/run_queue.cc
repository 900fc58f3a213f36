#include "core/sched/run_queue.hh"

#include "core/sched/cpu.hh"
#include "core/sched/fair.hh"

namespace weft::sched {

template <typename Use>
[[gnu::always_inline]] inline auto PolicyBox::with(Use use) {
  return is_fair_ ? use(static_cast<FairShare&>(*policy_)) : use(*policy_);
}

void RunQueue::init(PolicyKind kind, Thread& idle) {
  policy_.emplace(kind);
  idle_ = &idle;
  running_.store(&idle, relaxed);
}

[[gnu::always_inline]] inline Nanoseconds RunQueue::settle(Thread& thread, Instant now) {
  if (now <= charged_until_) return 0;  // another CPU's clock reading may be a little older
  const Nanoseconds used = now - charged_until_;
  charged_until_ = now;
  thread.cpu_time += used;
  if (thread.account != nullptr) [[likely]]  // a program's
    thread.account->fetch_add(used, relaxed);
  return used;
}

void RunQueue::charge(Instant now) {
  Thread& thread = *running();
  const Nanoseconds used = settle(thread, now);
  if (used != 0 && !is_idle()) policy_->charge(thread, used);
}

[[gnu::always_inline]] Nanoseconds RunQueue::arrive(Thread& thread, Arrival why, Instant now) {
  Thread& current = *running();
  const Nanoseconds used = settle(current, now);
  const Nanoseconds left =
      policy_.with([&](auto& policy) { return policy.arrive(thread, why, now, current, used); });
  note_enqueued();
  return left;
}

[[gnu::always_inline]] Thread* RunQueue::replace(Thread& leaving, Instant now) {
  const Nanoseconds used = settle(leaving, now);
  Task* const next = policy_.with([&](auto& policy) { return policy.replace(leaving, used, now); });
  if (next == nullptr) return nullptr;
  note_taken_out();
  return static_cast<Thread*>(next);
}

void RunQueue::enqueue(Thread& thread, Arrival why, Instant now) {
  policy_->enqueue(thread, why, now);
  note_enqueued();
}

void RunQueue::dequeue(Thread& thread) {
  policy_->dequeue(thread);
  note_taken_out();
}

Thread* RunQueue::pick(Instant now) {
  Task* next = policy_->pick(now);
  if (next == nullptr) return nullptr;
  note_taken_out();
  return static_cast<Thread*>(next);
}

Thread* RunQueue::yield(Thread& thread, Instant now) {
  return static_cast<Thread*>(policy_->yield(thread, settle(thread, now), now));
}

Thread* RunQueue::give_away(unsigned to_cpu) {
  const auto may_go = [](const Task& task, unsigned cpu) {
    return (static_cast<const Thread&>(task).cpu_mask >> cpu & 1) != 0;
  };
  Task* task = policy_->give_away(may_go, to_cpu);
  if (task == nullptr) return nullptr;
  policy_->leave(*task);
  note_taken_out();
  return static_cast<Thread*>(task);
}

HomeLock::HomeLock(Thread& thread) {
  for (;;) {
    const unsigned home = thread.cpu.load(acquire);
    cpu_ = &cpus[home];
    cpu_->queue.lock.lock_irqs_off();
    // It may have moved while we waited for the lock; it moves only under the lock of the queue it
    // leaves, so now that we hold that lock it stays.
    if (thread.cpu.load(relaxed) == home) return;
    cpu_->queue.lock.unlock_irqs_off();
  }
}

HomeLock::~HomeLock() {
  if (cpu_ != nullptr) cpu_->queue.lock.unlock_irqs_off();
}

void HomeLock::unlock() {
  cpu_->queue.lock.unlock_irqs_off();
  cpu_ = nullptr;
}

RunQueue& HomeLock::queue() const { return cpu_->queue; }

}  // namespace weft::sched
