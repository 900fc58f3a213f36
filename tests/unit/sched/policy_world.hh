// World: one CPU, jobs and a clock, around a policy under test. It does what the scheduler does (see
// the life of a task in policy.hh), so that a test says only what happens to the jobs. The policy
// is always charged up to `now`.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "core/sched/policy.hh"
#include "unit/support/random.hh"

namespace weft::sched {

struct Job : Task {
  enum class Place { queued, running, blocked, elsewhere, ended };

  unsigned id = 0;
  Place place = Place::blocked;
  Nanoseconds service = 0;
  Instant queued_since = 0;
};

class World {
 public:
  explicit World(Policy& policy) : policy_(policy) {}
  ~World() {
    for (auto& job : jobs_) {
      if (job->place == Job::Place::queued) policy_.dequeue(*job);
    }
  }

  // What a test wants to watch.
  std::function<void(Job&)> on_join = [](Job&) {};   // a job is runnable here from now on
  std::function<void(Job&)> on_leave = [](Job&) {};  // it isn't any more; already left
  std::function<void(Job&, Nanoseconds)> on_run = [](Job&, Nanoseconds) {};

  // Changes are made by enqueue(), leave() and pick(), not by Policy's ways of several steps at once.
  bool goes_step_by_step = false;
  // How long a job has run, uncharged, when something changes.
  Nanoseconds last_moment = 0;
  // random_step() makes jobs that differ in priority and niceness, and changes both.
  bool jobs_differ = true;

  Instant now() const { return now_; }
  Job* running() const { return running_; }
  const std::vector<std::unique_ptr<Job>>& jobs() const { return jobs_; }

  Job& spawn(int priority = k_normal_priority, int nice = 0) {
    Job& job = *jobs_.emplace_back(std::make_unique<Job>());
    job.id = jobs_.size();
    job.priority = priority;
    job.nice = nice;
    arrive(job, Arrival::fresh);
    return job;
  }
  void wake(Job& job) { arrive(job, Arrival::woken); }
  void bring_back(Job& job) { arrive(job, Arrival::moved); }

  void block() { stop_running(Job::Place::blocked); }
  void end() { stop_running(Job::Place::ended); }
  void yield() {
    if (goes_step_by_step) return put_back(Arrival::yielded);
    const Nanoseconds used = pass_last_moment();
    running_->place = Job::Place::queued;
    running_->queued_since = now_;
    const size_t waiting = policy_.size();
    running_ = static_cast<Job*>(policy_.yield(*running_, used, now_));
    ASSERT_NE(running_, nullptr);
    running_->place = Job::Place::running;
    ASSERT_EQ(policy_.size(), waiting);
  }

  // Time passes: for `duration`, or less if a turn ends before that while others wait. The timer
  // that ends a turn may be late; then something else may have interrupted the job first.
  void run(Nanoseconds duration, Nanoseconds lateness = 0) {
    if (running_ == nullptr) {
      now_ += duration;
      return;
    }
    if (policy_.size() != 0) duration = std::min(duration, policy_.turn_left(*running_) + lateness);
    now_ += duration;
    running_->service += duration;
    policy_.charge(*running_, duration);
    on_run(*running_, duration);
    const bool is_over = policy_.size() != 0 && policy_.turn_left(*running_) == 0;
    if (is_over) put_back(lateness == 0 ? Arrival::expired : Arrival::preempted);
  }
  void run_until(Instant end) {
    while (now_ < end) run(end - now_);
  }

  // Changes what the policy goes by: priority, inherited or nice.
  void change(Job& job, int Task::* what, int value) {
    if (job.place == Job::Place::queued) policy_.dequeue(job);
    job.*what = value;
    if (job.place == Job::Place::queued) {
      policy_.enqueue(job, Arrival::changed, now_);
      settle(job);
    } else if (job.place == Job::Place::running) {
      put_back(Arrival::preempted);
    }
  }

  // Another CPU takes one away.
  Job* send_away(Policy::MayGo may_go = [](const Task&, unsigned) { return true; }) {
    auto* job = static_cast<Job*>(policy_.give_away(may_go, 1));
    if (job == nullptr) return nullptr;
    policy_.leave(*job);
    job->place = Job::Place::elsewhere;
    on_leave(*job);
    return job;
  }

  // One thing of all that can happen, at random.
  void random_step(host::Random& random, size_t most_jobs) {
    Job* job = jobs_.empty() ? nullptr : jobs_[random.below(jobs_.size())].get();
    const unsigned what = random.below(20);
    if (!jobs_differ && what >= 6 && what <= 8) return;
    switch (what) {
      case 0:
      case 1:
        if (!jobs_differ && jobs_.size() < most_jobs) {
          spawn();
        } else if (jobs_.size() < most_jobs) {
          spawn(static_cast<int>(random.between(28, 33)), static_cast<int>(random.between(-5, 5)));
        }
        break;
      case 2:
        if (running_ != nullptr && random.once_in(10)) {
          end();
          std::erase_if(jobs_, [](const auto& old) { return old->place == Job::Place::ended; });
        }
        break;
      case 3:
        if (running_ != nullptr) block();
        break;
      case 4:
      case 5:
        if (running_ != nullptr) yield();
        break;
      case 6:
        if (job != nullptr) {
          change(*job, &Task::priority, static_cast<int>(random.between(28, 33)));
        }
        break;
      case 7:
        if (job != nullptr) {
          change(*job, &Task::inherited, static_cast<int>(random.between(0, 40)));
        }
        break;
      case 8:
        if (job != nullptr) change(*job, &Task::nice, static_cast<int>(random.between(-20, 19)));
        break;
      case 9: send_away(); break;
      case 10:
        if (Job* away = any(Job::Place::elsewhere, random)) bring_back(*away);
        break;
      case 11:
      case 12:
        if (Job* blocked = any(Job::Place::blocked, random)) wake(*blocked);
        break;
      default:
        run(random.once_in(8) ? random.below(100 * k_millisecond) : random.below(2 * k_millisecond),
            random.once_in(8) ? random.below(20 * k_millisecond) : 0);
    }
  }

 private:
  Job* any(Job::Place place, host::Random& random) {
    std::vector<Job*> candidates;
    for (auto& job : jobs_) {
      if (job->place == place) candidates.push_back(job.get());
    }
    return candidates.empty() ? nullptr : candidates[random.below(candidates.size())];
  }

  void arrive(Job& job, Arrival why) {
    const Nanoseconds used = pass_last_moment();
    job.place = Job::Place::queued;
    job.queued_since = now_;
    if (goes_step_by_step || running_ == nullptr) {
      policy_.enqueue(job, why, now_);
      on_join(job);
      return settle(job);
    }
    const Nanoseconds left = policy_.arrive(job, why, now_, *running_, used);
    on_join(job);
    const bool is_over = policy_.turn_left(*running_) == 0;
    ASSERT_EQ(left == 0, is_over || policy_.preempts(job, *running_));
    if (left == 0) put_back(is_over ? Arrival::expired : Arrival::preempted);
  }

  Nanoseconds pass_last_moment() {
    if (running_ == nullptr || goes_step_by_step) return 0;
    now_ += last_moment;
    running_->service += last_moment;
    on_run(*running_, last_moment);
    return last_moment;
  }

  // A job has just been enqueued: does it get the CPU, or is there an end to the running turn?
  void settle(Job& newcomer) {
    if (running_ == nullptr) {
      pick();
    } else if (policy_.turn_left(*running_) == 0) {
      put_back(Arrival::expired);
    } else if (policy_.preempts(newcomer, *running_)) {
      put_back(Arrival::preempted);
    }
  }

  void put_back(Arrival why) {
    running_->place = Job::Place::queued;
    running_->queued_since = now_;
    policy_.enqueue(*running_, why, now_);
    pick();
  }

  void stop_running(Job::Place place) {
    const Nanoseconds used = pass_last_moment();
    Job& job = *running_;
    job.place = place;
    if (goes_step_by_step) {
      policy_.leave(job);
      on_leave(job);
      return pick();
    }
    const size_t waiting = policy_.size();
    running_ = static_cast<Job*>(policy_.replace(job, used, now_));
    on_leave(job);
    check_picked(waiting);
  }

  void pick() {
    const size_t waiting = policy_.size();
    running_ = static_cast<Job*>(policy_.pick(now_));
    check_picked(waiting);
  }

  void check_picked(size_t waiting) {
    ASSERT_EQ(running_ == nullptr, waiting == 0) << "an idle CPU and work for it";
    if (running_ == nullptr) return;
    ASSERT_EQ(running_->place, Job::Place::queued);
    running_->place = Job::Place::running;
    ASSERT_EQ(policy_.size(), waiting - 1);
  }

  Policy& policy_;
  Instant now_ = 0;
  std::vector<std::unique_ptr<Job>> jobs_;
  Job* running_ = nullptr;
};

}  // namespace weft::sched
