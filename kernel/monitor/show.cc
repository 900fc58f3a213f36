// The commands that show how things are.
#include <array>

#include "core/mm/stats.hh"
#include "core/sched/cpu.hh"
#include "core/sched/policy.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/thread_list.hh"
#include "monitor/command.hh"
#include "monitor/console.hh"

namespace weft::monitor {
namespace {

// A number of milliseconds with three decimals.
Text<24> milliseconds(Nanoseconds time) {
  return Text<24>("{}.{:03}", time / k_millisecond, time % k_millisecond / k_microsecond);
}

void show_thread(Sink& out, const sched::ThreadView& view, Instant now) {
  Text<60> wait;
  if (view.state == ThreadState::blocked) {
    const Nanoseconds blocked = now > view.blocked_since ? now - view.blocked_since : 0;
    format(wait, "for {} ms", blocked / k_millisecond);
    if (view.object != nullptr) format(wait, ", on {}", view.object);
  }
  say(out, "{:>5}  {:<24}{:<10}{:>3}{:>6}{:>6}{:>13}{:>10}  {}", view.id, view.name.view(),
      state_name(view.state, view.reason), view.cpu, view.priority, view.nice,
      milliseconds(view.cpu_time).view(), view.switches, wait.view());
}

// The name of the thread that runs on that CPU, copied while it cannot end.
Text<24> running_name(sched::Cpu& cpu) {
  SpinGuard guard(cpu.queue.lock);
  return Text<24>("{}", cpu.queue.running()->name());
}

}  // namespace

Status show_threads(Sink& out, Words words) {
  if (words.size() != 1) return refuse(out, words);
  say(out, "{:>5}  {:<24}{:<10}{:>3}{:>6}{:>6}{:>13}{:>10}  {}", "id", "name", "state", "CPU",
      "prio", "nice", "CPU time/ms", "switches", "blocked");
  uint64_t last_seen = 0;
  for (;;) {
    std::array<sched::ThreadView, 8> views;
    const size_t count = sched::view_threads(views, last_seen);
    if (count == 0) return k_success;
    const Instant now = hal::now();
    for (size_t i = 0; i < count; ++i) show_thread(out, views[i], now);
    last_seen = views[count - 1].id;
  }
}

Status show_cpus(Sink& out, Words words) {
  if (words.size() != 1) return refuse(out, words);
  say(out, "{:>3}  {:<24}{:>7}{:>12}{:>10}{:>8}{:>10}{:>10}", "CPU", "runs", "queued", "busy/ms",
      "switches", "steals", "timer", "kicks");
  for (unsigned id = 0; id < hal::cpu_count(); ++id) {
    sched::Cpu& cpu = sched::cpus[id];
    const sched::CpuCounts counts = cpu.counts;
    const Nanoseconds idle = sched::cpu_time(cpu.idle);
    const Instant now = hal::now();
    say(out, "{:>3}  {:<24}{:>7}{:>12}{:>10}{:>8}{:>10}{:>10}", id, running_name(cpu).view(),
        cpu.queue.queued(), milliseconds(now > idle ? now - idle : 0).view(), counts.switches,
        counts.steals, counts.timer_interrupts, counts.kicks);
  }
  return k_success;
}

Status show_memory(Sink& out, Words words) {
  if (words.size() != 1) return refuse(out, words);
  static mm::MemoryStats stats;  // too large for a stack
  stats = mm::snapshot();
  mm::write_report(out, stats);
  return k_success;
}

Status show_policy(Sink& out, Words words) {
  if (words.size() != 1) return refuse(out, words);
  say(out, "policy: {}", sched::policy_name(sched::policy_kind()));
  say(out, "Others are chosen at boot:");
  for (const sched::PolicyKind kind : sched::k_all_policies) {
    say(out, "  sched={}", sched::policy_name(kind));
  }
  return k_success;
}

}  // namespace weft::monitor
