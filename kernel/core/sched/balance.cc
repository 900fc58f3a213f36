#include "core/sched/balance.hh"

#include <bit>

#include "core/trace/trace.hh"

namespace weft::sched {
namespace {

constexpr Nanoseconds k_balance_period = 20 * k_millisecond;

constexpr CpuMask bit_of(unsigned cpu) { return CpuMask{1} << cpu; }

Atomic<CpuMask> cpus_in_service{0};

// Takes one idle CPU of the mask out of the set; -1 if there is none.
int take_idle_cpu(CpuMask mask) {
  CpuMask idle = idle_cpus.load(seq_cst) & mask;
  while (idle != 0) {
    const auto cpu = static_cast<unsigned>(std::countr_zero(idle));
    if ((idle_cpus.fetch_and(~bit_of(cpu), seq_cst) & bit_of(cpu)) != 0)
      return static_cast<int>(cpu);
    idle = idle_cpus.load(seq_cst) & mask;
  }
  return -1;
}

// Moves a waiting thread of some other CPU here. One lock at a time: in between, the thread is
// Runnable and on no queue, and belongs to this CPU already.
bool steal(Cpu& cpu) {
  for (unsigned step = 1; step < hal::cpu_count(); ++step) {
    Cpu& victim = cpus[(cpu.id + step) % hal::cpu_count()];
    if (victim.queue.queued() == 0) continue;
    Thread* thread;
    {
      SpinGuard guard(victim.queue.lock);
      thread = victim.queue.give_away(cpu.id);
      if (thread != nullptr) thread->cpu.store(cpu.id, release);
    }
    if (thread != nullptr) {
      ++cpu.counts.steals;
      trace::record(trace::Kind::migrates, thread->id(), 0, cpu.id);
      place(*thread, Arrival::moved);
      return true;
    }
  }
  return false;
}

size_t load_of(const Cpu& cpu) { return cpu.queue.queued() + (cpu.queue.is_idle() ? 0 : 1); }

}  // namespace

Atomic<CpuMask> idle_cpus{0};

void enter_service(Cpu& cpu) { cpus_in_service.fetch_or(bit_of(cpu.id), seq_cst); }

bool has_cpu_in_service(CpuMask mask) { return (cpus_in_service.load(relaxed) & mask) != 0; }

unsigned find_other_cpu(CpuMask mask) {
  const CpuMask usable = mask & cpus_in_service.load(relaxed);
  ASSERT(usable != 0, "a thread's mask allows a CPU that is in service");
  return static_cast<unsigned>(std::countr_zero(usable));
}

unsigned choose_idle_cpu(const Thread& thread, unsigned home) {
  const bool home_is_allowed = (thread.cpu_mask & bit_of(home)) != 0;
  if (home_is_allowed && cpus[home].queue.is_idle()) {
    idle_cpus.fetch_and(~bit_of(home), seq_cst);
    return home;
  }
  const int idle = take_idle_cpu(thread.cpu_mask);
  return idle >= 0 ? static_cast<unsigned>(idle) : find_cpu(thread.cpu_mask, home);
}

void kick_one_of(CpuMask mask) {
  const int idle = take_idle_cpu(mask);
  if (idle >= 0) hal::kick_cpu(static_cast<unsigned>(idle));
}

void wait_for_work(Cpu& cpu) {
  while (cpu.queue.queued() == 0) {
    // First say that we are idle, then look once more. Whoever queues a thread does it the other
    // way round: queue, then look for idle CPUs. So one of the two sees the other.
    idle_cpus.fetch_or(bit_of(cpu.id), seq_cst);
    if (cpu.queue.queued() != 0 || steal(cpu)) return;
    hal::wait_for_interrupt();
  }
}

void leave_idle(const Cpu& cpu) { idle_cpus.fetch_and(~bit_of(cpu.id), seq_cst); }

void push_to_less_busy(Cpu& cpu, Instant now) {
  Thread* thread;
  {
    SpinGuard guard(cpu.queue.lock);
    if (cpu.queue.queued() == 0 || now < cpu.queue.next_balance) return;
    cpu.queue.next_balance = now + k_balance_period;
    Cpu* least = &cpu;
    for (unsigned id = 0; id < hal::cpu_count(); ++id) {
      if (load_of(cpus[id]) < load_of(*least)) least = &cpus[id];
    }
    if (load_of(cpu) < load_of(*least) + 2 || !has_cpu_in_service(bit_of(least->id))) return;
    thread = cpu.queue.give_away(least->id);
    if (thread == nullptr) return;
    thread->cpu.store(least->id, release);
  }
  trace::record(trace::Kind::migrates, thread->id(), 0, thread->cpu.load(relaxed));
  place(*thread, Arrival::moved);
}

}  // namespace weft::sched
