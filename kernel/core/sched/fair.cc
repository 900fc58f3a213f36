#include "core/sched/fair.hh"

#include <algorithm>

namespace weft::sched {

namespace {

constexpr int k_nice_count = k_most_nice - k_least_nice + 1;

// For each niceness: 1.25 to the power of -nice, times the unit weight; rounded once, at the end.
constexpr auto k_weights = [] {
  constexpr int k_fraction_bits = 32;
  std::array<int64_t, k_nice_count> weights{};
  for (int nice = k_least_nice; nice <= k_most_nice; ++nice) {
    int64_t weight = FairShare::k_unit_weight << k_fraction_bits;
    for (int step = 0; step < nice; ++step) weight = weight / 5 * 4;
    for (int step = 0; step > nice; --step) weight = weight / 4 * 5;
    const int64_t half = int64_t{1} << (k_fraction_bits - 1);
    weights[nice - k_least_nice] = (weight + half) >> k_fraction_bits;
  }
  return weights;
}();

// Rounded towards minus infinity, so that it is the same wherever base_ stands.
constexpr int64_t divide_down(int64_t value, int64_t divisor) {
  const int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

}  // namespace

int64_t FairShare::average() const {
  return total_weight_ == 0 ? base_ : base_ + divide_down(sum_, total_weight_);
}

int64_t FairShare::weight_of(int nice) {
  DEBUG_ASSERT(nice >= k_least_nice && nice <= k_most_nice, "niceness is from -20 to 19");
  return k_weights[nice - k_least_nice];
}

void FairShare::ByDeadline::summarize(Task& top, const Task* left, const Task* right) {
  int64_t least = top.virtual_time;
  if (left != nullptr) least = std::min(least, left->subtree_least);
  if (right != nullptr) least = std::min(least, right->subtree_least);
  top.subtree_least = least;
}

// Moves base_ to V. (The sums stay small this way: without anybody coming or going they would take
// 100 days to overflow.)
void FairShare::recenter() {
  const int64_t step = average() - base_;
  base_ += step;
  sum_ -= step * total_weight_;
}

// The task becomes one of those that share the CPU. Its coming draws V towards its virtual time, so
// it starts a bit farther away: then the lag it has afterwards is the lag that it brought.
void FairShare::count(Task& task, int64_t weight) {
  recenter();
  int64_t distance = 0;
  if (total_weight_ != 0) {
    distance = divide_down(task.lag, weight) + divide_down(task.lag, total_weight_);
  }
  task.weight = weight;
  task.remainder = 0;
  task.virtual_time = base_ - distance;
  sum_ -= distance * weight;
  total_weight_ += weight;
}

void FairShare::uncount(Task& task) {
  constexpr int64_t k_most_lag = k_request * k_unit_weight;
  recenter();
  const int64_t lag = (base_ - task.virtual_time) * task.weight;
  sum_ += lag;
  total_weight_ -= task.weight;
  task.lag = std::clamp(lag, -k_most_lag, k_most_lag);
  task.weight = 0;
}

// Sets the task just behind the average of the others, if it was not there already.
void FairShare::waive_lag(Task& task) {
  if (!is_eligible(task)) return;
  const int64_t others = total_weight_ - task.weight;
  if (others == 0) return;
  const int64_t sum_of_others = sum_ - (task.virtual_time - base_) * task.weight;
  task.virtual_time = base_ + divide_down(sum_of_others, others) + 1;
  sum_ = sum_of_others + (task.virtual_time - base_) * task.weight;
}

void FairShare::ask(Task& task, Nanoseconds request) {
  task.request = request;
  task.slice_used = 0;
  task.virtual_deadline =
      task.virtual_time + static_cast<int64_t>(request) * k_unit_weight / task.weight;
}

inline Nanoseconds FairShare::next_request(const Task& task, Arrival why) {
  if (why != Arrival::woken) return k_request;
  if (task.slice_used <= k_least_request) [[likely]]
    return k_least_request;
  return std::min(task.slice_used, k_request);
}

// It comes from outside, or has another niceness now.
void FairShare::join(Task& task, int64_t weight, Arrival why) {
  if (task.weight != 0) uncount(task);
  count(task, weight);
  ask(task, next_request(task, why));
}

void FairShare::enqueue(Task& task, Arrival why, Instant) {
  DEBUG_ASSERT(!task.queued, "a task is in one queue at a time");
  const int64_t weight = weight_of(task.nice);
  if (task.weight != weight) {
    join(task, weight, why);
  } else {
    if (why == Arrival::yielded) waive_lag(task);
    if (task.slice_used >= task.request) ask(task, k_request);
  }
  put(task);
}

void FairShare::put(Task& task) {
  task.queued = true;
  ++size_;
  Task* oldest = older_;
  older_ = newest_;
  newest_ = &task;
  if (oldest != nullptr) tree_.insert(*oldest);
}

void FairShare::dequeue(Task& task) {
  DEBUG_ASSERT(task.queued, "only a queued task is taken out");
  if (&task == newest_) {
    newest_ = nullptr;
  } else if (&task == older_) {
    older_ = nullptr;
  } else {
    tree_.remove(task);
  }
  task.queued = false;
  --size_;
}

// Left of a node stand the earlier deadlines. So: if anybody there is eligible, the answer is there;
// else it is this node; else it is on the right. nullptr if nobody in the tree is eligible.
Task* FairShare::best_in_tree() const {
  Task* place = tree_.root();
  while (place != nullptr) {
    Task* left = tree_.left_of(*place);
    if (left != nullptr && has_come(left->subtree_least)) {
      place = left;
    } else if (is_eligible(*place)) {
      break;
    } else {
      place = tree_.right_of(*place);
    }
  }
  return place;
}

// The one task that is queued, whatever it is owed.
Task& FairShare::take_only() {
  Task* const only = newest_ != nullptr ? newest_ : older_ != nullptr ? older_ : tree_.root();
  dequeue(*only);
  return *only;
}

// The running one is alone, so V is where it stands. There the newcomer starts, but for its lag; and
// twice that, since its coming draws V half the way towards it: to the middle, where base_ is put.
[[gnu::always_inline]] Nanoseconds FairShare::arrive(Task& newcomer, Arrival why, Instant now,
                                                     Task& running, Nanoseconds used) {
  if (size_ != 0 || total_weight_ != k_unit_weight || newcomer.nice != 0 || newcomer.weight != 0) {
    return Policy::arrive(newcomer, why, now, running, used);
  }
  running.slice_used += used;
  running.virtual_time += static_cast<int64_t>(used);
  const int64_t lag = newcomer.lag >> k_unit_weight_bits;
  base_ = running.virtual_time - lag;
  sum_ = 0;
  total_weight_ = 2 * k_unit_weight;
  newcomer.weight = k_unit_weight;
  newcomer.virtual_time = base_ - lag;
  newcomer.request = next_request(newcomer, why);
  newcomer.slice_used = 0;
  newcomer.virtual_deadline = newcomer.virtual_time + static_cast<int64_t>(newcomer.request);
  newcomer.queued = true;
  newest_ = &newcomer;
  size_ = 1;
  return preempts(newcomer, running) ? 0 : turn_left(running);
}

// Of two, one goes. V was in the middle; it is where the other one stands from now on.
[[gnu::always_inline]] Task* FairShare::replace(Task& running, Nanoseconds used, Instant now) {
  Task* const next = newest_;
  const bool is_pair = total_weight_ == 2 * k_unit_weight && running.weight == k_unit_weight;
  if (!is_pair || next == nullptr) [[unlikely]]
    return Policy::replace(running, used, now);
  if (size_ != 1) [[unlikely]]
    return Policy::replace(running, used, now);
  constexpr auto k_most_lag = static_cast<int64_t>(k_request);
  running.slice_used += used;
  running.virtual_time += static_cast<int64_t>(used);
  const int64_t average = (running.virtual_time + next->virtual_time) >> 1;
  int64_t lag = average - running.virtual_time;
  if (lag < -k_most_lag || lag > k_most_lag) [[unlikely]]
    lag = std::clamp(lag, -k_most_lag, k_most_lag);
  running.lag = lag * k_unit_weight;
  running.weight = 0;
  base_ = next->virtual_time;
  sum_ = 0;
  total_weight_ = k_unit_weight;
  next->queued = false;
  newest_ = nullptr;
  size_ = 0;
  return next;
}

// With one other, the average of the others is where that one stands: to be just behind it is to have
// waived all lag. Then the other one is eligible, and it is its turn.
Task* FairShare::yield(Task& running, Nanoseconds used, Instant now) {
  Task* const next = newest_;
  if (size_ != 1 || next == nullptr || running.weight != weight_of(running.nice)) {
    return Policy::yield(running, used, now);
  }
  charge(running, used);
  const int64_t lag = next->virtual_time + 1 - running.virtual_time;
  if (lag > 0) {
    running.virtual_time += lag;
    sum_ += lag * running.weight;
  }
  if (running.slice_used >= running.request) ask(running, k_request);
  next->queued = false;
  running.queued = true;
  newest_ = &running;
  return next;
}

Task* FairShare::pick(Instant) {
  if (size_ == 0) return nullptr;
  if (size_ == 1) return &take_only();
  Task* best = best_in_tree();
  for (Task* recent : {older_, newest_}) {
    if (recent == nullptr || !is_eligible(*recent)) continue;
    if (best == nullptr || ByDeadline::before(*recent, *best)) best = recent;
  }
  ASSERT(best != nullptr, "the average is not before all that it is made of");
  dequeue(*best);
  return best;
}

void FairShare::charge(Task& running, Nanoseconds used) {
  if (running.weight == 0) return;
  running.slice_used += used;
  if (running.weight == k_unit_weight) [[likely]] {
    running.virtual_time += static_cast<int64_t>(used);
    sum_ += static_cast<int64_t>(used) * k_unit_weight;
    return;
  }
  const auto weight = static_cast<uint64_t>(running.weight);
  const uint64_t work = used * k_unit_weight + running.remainder;
  const auto progress = static_cast<int64_t>(work / weight);
  running.remainder = work % weight;
  running.virtual_time += progress;
  sum_ += progress * running.weight;
}

Nanoseconds FairShare::turn_left(const Task& running) const {
  return running.slice_used < running.request ? running.request - running.slice_used : 0;
}

bool FairShare::preempts(const Task& newcomer, const Task& running) const {
  return newcomer.virtual_deadline < running.virtual_deadline && is_eligible(newcomer);
}

// All queued tasks stand in the tree after this.
void FairShare::sort_in_recent() {
  if (older_ != nullptr) tree_.insert(*older_);
  if (newest_ != nullptr) tree_.insert(*newest_);
  older_ = newest_ = nullptr;
}

Task* FairShare::give_away(MayGo may_go, unsigned to_cpu) {
  sort_in_recent();
  for (Task* task = tree_.last(); task != nullptr; task = tree_.before(*task)) {
    if (!may_go(*task, to_cpu)) continue;
    dequeue(*task);
    return task;
  }
  return nullptr;
}

void FairShare::leave(Task& task) {
  DEBUG_ASSERT(!task.queued, "a task leaves after it was taken out");
  uncount(task);
}

}  // namespace weft::sched
