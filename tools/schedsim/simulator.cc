#include "simulator.hh"

#include <algorithm>

namespace weft::schedsim {

using sched::Arrival;

Simulator::Simulator(const Workload& workload, sched::PolicyKind policy, unsigned cpus)
    : workload_(workload) {
  for (unsigned id = 0; id < cpus; ++id) {
    Cpu& cpu = cpus_.emplace_back();
    cpu.id = id;
    cpu.policy.emplace(policy);
  }
  for (const JobPlan& plan : workload.jobs) {
    Job& job = jobs_.emplace_back();
    job.plan = &plan;
    job.nice = plan.nice;
    job.priority = plan.priority.value_or(sched::k_normal_priority);
    wake_at(plan.arrival, job, Arrival::fresh);
  }
}

// What happens in one instant happens in this order: so a burst that ends together with its turn has
// ended, and a job that comes when a turn ends stands in line before the one whose turn it was.
void Simulator::run() {
  while (now_ != workload_.until) {
    const Instant next = next_change();
    if (next == k_never) break;
    pass_time(std::min(next, workload_.until));
    end_bursts();
    end_waits();
    end_turns();
    choose();
  }
  for (Job& job : jobs_) {
    if (!job.finish && !job.history.empty()) job.history.back().end = now_;
  }
}

Instant Simulator::next_change() {
  Instant next = events_.empty() ? k_never : events_.top().time;
  for (Cpu& cpu : cpus_) {
    if (cpu.running == nullptr) continue;
    next = std::min(next, now_ + cpu.running->burst_left);
    if (cpu.policy->size() != 0) next = std::min(next, now_ + cpu.policy->turn_left(*cpu.running));
  }
  return next;
}

void Simulator::pass_time(Instant to) {
  for (Cpu& cpu : cpus_) {
    if (cpu.running == nullptr) continue;
    cpu.policy->charge(*cpu.running, to - now_);
    cpu.running->burst_left -= to - now_;
  }
  now_ = to;
}

void Simulator::end_bursts() {
  for (Cpu& cpu : cpus_) {
    if (cpu.running == nullptr || cpu.running->burst_left != 0) continue;
    Job& job = *cpu.running;
    const Next next = next_of(job);
    if (next.kind == Next::Kind::compute) {
      job.burst_left = next.length;
      if (next.yields_first) give_up(cpu, Arrival::yielded);
    } else {
      cpu.policy->leave(job);
      cpu.running = nullptr;
      cpu.must_choose = true;
      wait_or_finish(job, next);
    }
  }
}

// New jobs, and jobs whose I/O is done.
void Simulator::end_waits() {
  while (!events_.empty() && events_.top().time <= now_) {
    const Event event = events_.top();
    events_.pop();
    Job& job = *event.job;
    const Next next = next_of(job);
    if (next.kind == Next::Kind::compute) {
      job.burst_left = next.length;
      place(job, event.why);
    } else {
      wait_or_finish(job, next);
    }
  }
}

void Simulator::end_turns() {
  for (Cpu& cpu : cpus_) {
    if (cpu.running == nullptr || cpu.policy->size() == 0) continue;
    if (cpu.policy->turn_left(*cpu.running) == 0) {
      give_up(cpu, Arrival::expired);
    } else if (cpu.must_choose) {
      ++preemptions_;
      give_up(cpu, Arrival::preempted);
    }
  }
}

void Simulator::choose() {
  for (Cpu& cpu : cpus_) {
    if (!cpu.must_choose) continue;
    cpu.must_choose = false;
    cpu.running = static_cast<Job*>(cpu.policy->pick(now_));
  }
  for (Cpu& cpu : cpus_) {
    if (cpu.running == nullptr) cpu.running = steal_for(cpu);
    if (cpu.running == nullptr) continue;
    if (cpu.last != cpu.running) ++switches_;
    cpu.last = cpu.running;
    enter(*cpu.running, Interval::State::running);
  }
}

// Takes the next burst from the job's plan. A yield counts only before a CPU burst.
Simulator::Next Simulator::next_of(Job& job) {
  const auto& bursts = job.plan->bursts;
  bool yields = false;
  for (;;) {
    if (job.next_burst == bursts.size()) {
      job.next_burst = 0;
      ++job.round;
    }
    if (job.plan->rounds && job.round == *job.plan->rounds) return {Next::Kind::finish, 0, false};
    const Burst& burst = bursts[job.next_burst++];
    switch (burst.kind) {
      case Burst::Kind::cpu: return {Next::Kind::compute, burst.length, yields};
      case Burst::Kind::io: return {Next::Kind::wait, burst.length, false};
      case Burst::Kind::yield: yields = true;
    }
  }
}

void Simulator::wait_or_finish(Job& job, const Next& next) {
  if (next.kind == Next::Kind::wait) {
    wake_at(now_ + next.length, job, Arrival::woken);
    enter(job, Interval::State::blocked);
  } else {
    job.finish = now_;
    if (!job.history.empty()) job.history.back().end = now_;
  }
}

// The running job goes back to the queue.
void Simulator::give_up(Cpu& cpu, Arrival why) {
  enter(*cpu.running, Interval::State::ready);
  cpu.policy->enqueue(*cpu.running, why, now_);
  cpu.running = nullptr;
  cpu.must_choose = true;
}

void Simulator::place(Job& job, Arrival why) {
  Cpu& cpu = cpu_for(job);
  if (why != Arrival::fresh && job.cpu != cpu.id) ++migrations_;
  job.cpu = cpu.id;
  enter(job, Interval::State::ready);
  cpu.policy->enqueue(job, why, now_);
  if (cpu.running == nullptr || cpu.policy->preempts(job, *cpu.running)) cpu.must_choose = true;
}

// The least loaded; among equals the one where the job was.
Simulator::Cpu& Simulator::cpu_for(const Job& job) {
  const auto load = [&](const Cpu& cpu) {
    auto& box = const_cast<Cpu&>(cpu).policy;
    return std::pair(box->size() + (cpu.running != nullptr ? 1 : 0), cpu.id != job.cpu);
  };
  return *std::ranges::min_element(cpus_, {}, load);
}

Job* Simulator::steal_for(Cpu& idle) {
  const auto queued = [](Cpu& cpu) { return cpu.policy->size(); };
  Cpu& longest = *std::ranges::max_element(cpus_, {}, queued);
  if (longest.policy->size() == 0) return nullptr;
  auto* job = static_cast<Job*>(
      longest.policy->give_away([](const sched::Task&, unsigned) { return true; }, idle.id));
  longest.policy->leave(*job);
  job->cpu = idle.id;
  ++migrations_;
  idle.policy->enqueue(*job, Arrival::moved, now_);
  return static_cast<Job*>(idle.policy->pick(now_));
}

// The job is in that state from now on. A state that lasted no time is forgotten.
void Simulator::enter(Job& job, Interval::State state) {
  auto& history = job.history;
  while (!history.empty() && history.back().start == now_) history.pop_back();
  const bool goes_on = !history.empty() && history.back().state == state &&
                       (state != Interval::State::running || history.back().cpu == job.cpu);
  if (goes_on) return;
  if (!history.empty()) history.back().end = now_;
  history.push_back({now_, now_, state, job.cpu});
}

void Simulator::wake_at(Instant time, Job& job, Arrival why) {
  events_.push({time, events_made_++, &job, why});
}

}  // namespace weft::schedsim
