#include "core/sched/fair.hh"

#include <algorithm>

namespace weft::sched {

namespace {

constexpr int k_nice_count = k_most_nice - k_least_nice + 1;

// 1.25 to the power of -nice, times the unit weight; rounded once, at the end.
constexpr int64_t weight_of(int nice) {
  constexpr int k_fraction_bits = 32;
  int64_t weight = FairShare::k_unit_weight << k_fraction_bits;
  for (; nice > 0; --nice) weight = weight / 5 * 4;
  for (; nice < 0; ++nice) weight = weight / 4 * 5;
  return (weight + (int64_t{1} << (k_fraction_bits - 1))) >> k_fraction_bits;
}

constexpr auto k_shares = [] {
  std::array<Share, k_nice_count> shares{};
  for (int nice = k_least_nice; nice <= k_most_nice; ++nice) {
    const int64_t weight = weight_of(nice);
    const int64_t request = FairShare::k_request * FairShare::k_unit_weight / weight;
    shares[nice - k_least_nice] = {weight, request};
  }
  return shares;
}();

}  // namespace

const Share& FairShare::share_of(int nice) {
  DEBUG_ASSERT(nice >= k_least_nice && nice <= k_most_nice, "niceness is from -20 to 19");
  return k_shares[nice - k_least_nice];
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
  if (total_weight_ == 0) return;
  const int64_t step = sum_ / total_weight_;
  base_ += step;
  sum_ -= step * total_weight_;
}

// The task becomes one of those that share the CPU. Its coming draws V towards its virtual time, so
// it starts a bit farther away: then the lag it has afterwards is the lag that it brought.
void FairShare::count(Task& task, const Share& share) {
  recenter();
  int64_t distance = 0;
  if (total_weight_ != 0) distance = task.lag / share.weight + task.lag / total_weight_;
  task.share = &share;
  task.virtual_time = base_ - distance;
  sum_ -= distance * share.weight;
  total_weight_ += share.weight;
}

void FairShare::uncount(Task& task) {
  constexpr int64_t k_most_lag = k_request * k_unit_weight;
  recenter();
  const int64_t lag = (base_ - task.virtual_time) * task.share->weight;
  sum_ += lag;
  total_weight_ -= task.share->weight;
  task.lag = std::clamp(lag, -k_most_lag, k_most_lag);
  task.share = nullptr;
}

// Sets the task just behind the average of the others, if it was not there already.
void FairShare::waive_lag(Task& task) {
  const int64_t weight = task.share->weight;
  const int64_t others = total_weight_ - weight;
  if (others == 0 || !is_eligible(task)) return;
  const int64_t sum_of_others = sum_ - (task.virtual_time - base_) * weight;
  task.virtual_time = base_ + sum_of_others / others + 1;
  sum_ = sum_of_others + (task.virtual_time - base_) * weight;
}

void FairShare::begin_request(Task& task) {
  task.virtual_deadline = task.virtual_time + task.share->virtual_request;
  task.slice_used = 0;
}

void FairShare::enqueue(Task& task, Arrival why, Instant) {
  DEBUG_ASSERT(!task.queued, "a task is in one queue at a time");
  const Share& share = share_of(task.nice);
  if (task.share != &share) {  // it comes from outside, or has another niceness now
    if (task.share != nullptr) uncount(task);
    count(task, share);
    begin_request(task);
  } else if (why == Arrival::yielded) {
    waive_lag(task);
    begin_request(task);
  } else if (task.slice_used >= k_request) {
    begin_request(task);
  }
  tree_.insert(task);
  task.queued = true;
  ++size_;
}

void FairShare::dequeue(Task& task) {
  DEBUG_ASSERT(task.queued, "only a queued task is taken out");
  tree_.remove(task);
  task.queued = false;
  --size_;
}

// Left of a node stand the earlier deadlines. So: if anybody there is eligible, the answer is there;
// else it is this node; else it is on the right.
Task* FairShare::pick(Instant) {
  Task* place = tree_.root();
  if (place == nullptr) return nullptr;
  for (;;) {
    Task* left = tree_.left_of(*place);
    if (left != nullptr && has_come(left->subtree_least)) {
      place = left;
    } else if (is_eligible(*place)) {
      dequeue(*place);
      return place;
    } else {
      place = tree_.right_of(*place);
      ASSERT(place != nullptr, "the average is not before all that it is made of");
    }
  }
}

void FairShare::charge(Task& running, Nanoseconds used) {
  if (running.share == nullptr) return;
  running.slice_used += used;
  const uint64_t weight = running.share->weight;
  const uint64_t work = used * k_unit_weight + running.remainder;
  const auto progress = static_cast<int64_t>(work / weight);
  running.remainder = work % weight;
  running.virtual_time += progress;
  sum_ += progress * static_cast<int64_t>(weight);
}

Nanoseconds FairShare::turn_left(const Task& running) const {
  return running.slice_used < k_request ? k_request - running.slice_used : 0;
}

bool FairShare::preempts(const Task& newcomer, const Task& running) const {
  return newcomer.virtual_deadline < running.virtual_deadline && is_eligible(newcomer);
}

Task* FairShare::give_away(MayGo may_go, unsigned to_cpu) {
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
