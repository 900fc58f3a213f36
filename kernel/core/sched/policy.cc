#include "core/sched/policy.hh"

#include <new>

#include "core/sched/fair.hh"
#include "core/sched/mlfq.hh"
#include "core/sched/prio.hh"
#include "core/sched/rr.hh"

namespace weft::sched {

// Never inlined: where a policy has a shorter way, this is only its last resort.

[[gnu::noinline]] Nanoseconds Policy::arrive(Task& newcomer, Arrival why, Instant now,
                                             Task& running, Nanoseconds used) {
  charge(running, used);
  enqueue(newcomer, why, now);
  return preempts(newcomer, running) ? 0 : turn_left(running);
}

[[gnu::noinline]] Task* Policy::replace(Task& running, Nanoseconds used, Instant now) {
  charge(running, used);
  leave(running);
  return pick(now);
}

[[gnu::noinline]] Task* Policy::yield(Task& running, Nanoseconds used, Instant now) {
  charge(running, used);
  enqueue(running, Arrival::yielded, now);
  return pick(now);
}

std::string_view policy_name(PolicyKind kind) {
  switch (kind) {
    case PolicyKind::rr: return "rr";
    case PolicyKind::prio: return "prio";
    case PolicyKind::mlfq: return "mlfq";
    case PolicyKind::fair: return "fair";
  }
  __builtin_unreachable();
}

std::optional<PolicyKind> find_policy(std::string_view name) {
  for (PolicyKind kind : k_all_policies) {
    if (policy_name(kind) == name) return kind;
  }
  return std::nullopt;
}

template <typename ChosenPolicy>
Policy& PolicyBox::make() {
  static_assert(sizeof(ChosenPolicy) <= k_room && alignof(ChosenPolicy) <= alignof(PolicyBox));
  return *new (storage_) ChosenPolicy;
}

Policy& PolicyBox::emplace(PolicyKind kind) {
  ASSERT(policy_ == nullptr || policy_->size() == 0, "no task is lost with its policy");
  is_fair_ = kind == PolicyKind::fair;
  switch (kind) {
    case PolicyKind::rr: policy_ = &make<RoundRobin>(); break;
    case PolicyKind::prio: policy_ = &make<FixedPriority>(); break;
    case PolicyKind::mlfq: policy_ = &make<FeedbackQueues>(); break;
    case PolicyKind::fair: policy_ = &make<FairShare>(); break;
  }
  return *policy_;
}

}  // namespace weft::sched
