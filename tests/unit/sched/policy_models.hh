// The policies once more, in the most naive way: what is known stands in a map beside the tasks, and
// every question is answered by looking at all of them. They say what is right; the real policies
// must answer the same (policy_model_test.cc).
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "core/sched/fair.hh"
#include "core/sched/mlfq.hh"
#include "core/sched/turn.hh"

namespace weft::sched {

struct Known {
  explicit Known(Task* task = nullptr) : task(task) {}

  Task* task;
  std::optional<int64_t> place;  // in the line, if it waits
  Nanoseconds used = 0;          // of its turn, its allotment or its request
  int level = 0;                 // mlfq
  // fair
  bool counted = false;
  int64_t lag = 0;
  int64_t virtual_time = 0;
  Nanoseconds request = 0;
  int64_t deadline = 0;
  int64_t weight = 0;
  Nanoseconds remainder = 0;
};

class NaivePolicy : public Policy {
 public:
  const char* name() const override { return "naive"; }
  void enqueue(Task& task, Arrival why, Instant now) override {
    if (why == Arrival::fresh) known_[&task] = Known{&task};
    pass_time(now);
    line_up(known_[&task], why);
  }
  void dequeue(Task& task) override { known_[&task].place.reset(); }
  Task* pick(Instant now) override {
    pass_time(now);
    Known* chosen = nullptr;
    for (auto& [task, known] : known_) {
      if (known.place && may_run(known) && (!chosen || before(known, *chosen))) chosen = &known;
    }
    return take(chosen);
  }
  Task* give_away(MayGo may_go, unsigned to_cpu) override {
    Known* chosen = nullptr;
    for (auto& [task, known] : known_) {
      if (known.place && may_go(*task, to_cpu) && (!chosen || before(*chosen, known))) {
        chosen = &known;
      }
    }
    return take(chosen);
  }
  void leave(Task&) override {}
  size_t size() const override {
    return std::ranges::count_if(known_,
                                 [](const auto& entry) { return entry.second.place.has_value(); });
  }

 protected:
  virtual void pass_time(Instant) {}
  virtual void line_up(Known& known, Arrival why) = 0;
  virtual bool may_run(const Known&) const { return true; }
  // Both wait: the first should run before the second.
  virtual bool before(const Known& a, const Known& b) const = 0;

  void stand_at_end(Known& known) { known.place = ++last_place_; }
  void stand_at_front(Known& known) { known.place = --first_place_; }
  const Known& known(const Task& task) const { return known_.at(&task); }
  Known& known(const Task& task) { return known_.at(&task); }
  static Nanoseconds rest(const Known& known, Nanoseconds whole) {
    return known.used < whole ? whole - known.used : 0;
  }

  std::map<const Task*, Known> known_;

 private:
  Task* take(Known* known) {
    if (known == nullptr) return nullptr;
    known->place.reset();
    return known->task;
  }

  int64_t first_place_ = 0;
  int64_t last_place_ = 0;
};

// ---- rr and prio -------------------------------------------------------------------------------

class NaiveFixedPriority : public NaivePolicy {
 public:
  void charge(Task& running, Nanoseconds used) override {
    Known& self = known(running);
    self.used += used;
    const bool is_alone = std::ranges::none_of(known_, [&](const auto& entry) {
      return entry.second.place && urgency(*entry.first) >= urgency(running);
    });
    while (is_alone && self.used > k_quantum) self.used -= k_quantum;
  }
  Nanoseconds turn_left(const Task& running) const override {
    return rest(known(running), k_quantum);
  }
  bool preempts(const Task& newcomer, const Task& running) const override {
    return urgency(newcomer) > urgency(running);
  }

 protected:
  virtual int urgency(const Task& task) const { return std::max(task.priority, task.inherited); }

  void line_up(Known& known, Arrival why) override {
    if (why == Arrival::preempted && known.used < k_quantum) {
      stand_at_front(known);
    } else {
      known.used = 0;
      stand_at_end(known);
    }
  }
  bool before(const Known& a, const Known& b) const override {
    if (urgency(*a.task) != urgency(*b.task)) return urgency(*a.task) > urgency(*b.task);
    return *a.place < *b.place;
  }
};

class NaiveRoundRobin final : public NaiveFixedPriority {
  int urgency(const Task&) const override { return 0; }
};

// ---- mlfq --------------------------------------------------------------------------------------

class NaiveFeedbackQueues final : public NaivePolicy {
 public:
  void charge(Task& running, Nanoseconds used) override {
    Known& self = known(running);
    self.used += used;
    if (size() == 0) sink(self);
  }
  Nanoseconds turn_left(const Task& running) const override {
    return rest(known(running), FeedbackQueues::allotment(known(running).level));
  }
  bool preempts(const Task& newcomer, const Task& running) const override {
    return known(newcomer).level < known(running).level;
  }

 protected:
  // Once a second: everybody, wherever it is.
  void pass_time(Instant now) override {
    if (now < next_boost_) return;
    next_boost_ = (now / FeedbackQueues::k_boost_period + 1) * FeedbackQueues::k_boost_period;
    std::vector<Known*> line;
    for (auto& [task, known] : known_) {
      if (known.place) line.push_back(&known);
    }
    std::ranges::sort(line, [&](Known* a, Known* b) { return before(*a, *b); });
    for (Known* known : line) stand_at_end(*known);
    for (auto& [task, known] : known_) known.level = known.used = 0;
  }
  void line_up(Known& known, Arrival why) override {
    const int old_level = known.level;
    const Nanoseconds old_used = known.used;
    sink(known);
    const bool has_sunk = known.level != old_level || known.used != old_used;
    if (why == Arrival::preempted && !has_sunk) {
      stand_at_front(known);
    } else {
      stand_at_end(known);
    }
  }
  bool before(const Known& a, const Known& b) const override {
    if (a.level != b.level) return a.level < b.level;
    return *a.place < *b.place;
  }

 private:
  static void sink(Known& known) {
    while (known.used >= FeedbackQueues::allotment(known.level)) {
      known.used -= FeedbackQueues::allotment(known.level);
      known.level = std::min(known.level + 1, FeedbackQueues::k_levels - 1);
    }
  }

  Instant next_boost_ = FeedbackQueues::k_boost_period;
};

// ---- fair --------------------------------------------------------------------------------------

class NaiveFairShare final : public NaivePolicy {
 public:
  void charge(Task& running, Nanoseconds used) override {
    Known& self = known(running);
    self.used += used;
    const auto work = static_cast<int64_t>(used * FairShare::k_unit_weight + self.remainder);
    self.virtual_time += work / self.weight;
    self.remainder = work % self.weight;
  }
  Nanoseconds turn_left(const Task& running) const override {
    return rest(known(running), known(running).request);
  }
  bool preempts(const Task& newcomer, const Task& running) const override {
    return known(newcomer).deadline < known(running).deadline && may_run(known(newcomer));
  }
  void leave(Task& task) override {
    Known& self = known(task);
    constexpr auto k_most = static_cast<int64_t>(FairShare::k_request) * FairShare::k_unit_weight;
    self.lag = std::clamp((average() - self.virtual_time) * self.weight, -k_most, k_most);
    self.counted = false;
  }

 protected:
  void line_up(Known& self, Arrival why) override {
    const int64_t weight = FairShare::weight_of(self.task->nice);
    if (self.counted && self.weight != weight) leave(*self.task);
    if (!self.counted) {
      const int64_t others = total_weight();
      self.virtual_time = average();
      if (others != 0) {
        self.virtual_time -= divide_down(self.lag, weight) + divide_down(self.lag, others);
      }
      self.weight = weight;
      self.remainder = 0;
      self.counted = true;
      const bool has_blocked = why == Arrival::woken;
      ask(self, has_blocked
                    ? std::clamp(self.used, FairShare::k_least_request, FairShare::k_request)
                    : FairShare::k_request);
    } else {
      if (why == Arrival::yielded) waive_lag(self);
      if (self.used >= self.request) ask(self, FairShare::k_request);
    }
    stand_at_end(self);
  }
  bool may_run(const Known& known) const override {
    Wide sum = 0;
    for (const auto& [task, other] : known_) {
      if (other.counted) sum += Wide{other.virtual_time - known.virtual_time} * other.weight;
    }
    return sum >= 0;
  }
  bool before(const Known& a, const Known& b) const override {
    if (a.deadline != b.deadline) return a.deadline < b.deadline;
    return *a.place < *b.place;
  }

 private:
  using Wide = __int128;

  static int64_t divide_down(Wide value, int64_t divisor) {
    return static_cast<int64_t>(value / divisor) - (value % divisor < 0 ? 1 : 0);
  }
  static void ask(Known& self, Nanoseconds request) {
    self.request = request;
    self.used = 0;
    self.deadline =
        self.virtual_time + static_cast<int64_t>(request) * FairShare::k_unit_weight / self.weight;
  }

  int64_t total_weight() const {
    int64_t total = 0;
    for (const auto& [task, known] : known_) total += known.counted ? known.weight : 0;
    return total;
  }
  // The weighted average of all virtual times, rounded down; the last one, when nobody is there.
  int64_t average() const {
    const int64_t total = total_weight();
    if (total == 0) return last_average_;
    Wide sum = 0;
    for (const auto& [task, known] : known_) {
      if (known.counted) sum += Wide{known.virtual_time} * known.weight;
    }
    last_average_ = divide_down(sum, total);
    return last_average_;
  }
  void waive_lag(Known& self) {
    if (!may_run(self)) return;
    self.counted = false;
    if (total_weight() != 0) self.virtual_time = average() + 1;
    self.counted = true;
  }

  mutable int64_t last_average_ = 0;
};

}  // namespace weft::sched
