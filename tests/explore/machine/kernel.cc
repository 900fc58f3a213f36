// A machine whose CPUs run kernel/core. The director is the first thread; it keeps CPU 0 to itself, so
// that it takes no part in what is explored. The scenario's threads run on CPUs 1, 2, ...
#include <new>

#include "core/mm/memory.hh"
#include "core/sched/balance.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/thread_list.hh"
#include "core/sched/wait_queue.hh"
#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"
#include "explore/machine/machine.hh"
#include "unit/support/host_memory.hh"

namespace weft::explore {
namespace {

void (*the_first_thread)() = nullptr;

const char* thread_name() {
  const Thread* thread = engine.agent().current;
  return thread == nullptr ? "?" : thread->name().data();
}

void take_interrupt(Act act) {
  engine.agent().interrupts_on = false;
  engine.agent().is_in_handler = true;
  if (act == Act::kick) {
    upcall::on_kick();
  } else {
    upcall::on_timer(false);
  }
  engine.agent().is_in_handler = false;
  upcall::on_interrupt_exit();
  engine.agent().interrupts_on = true;  // maybe of another CPU: the thread may have moved
}

void explain_stuck(Finding& finding) { finding.text = "nobody can go on"; }

void start_cpu(void*) { upcall::on_cpu_start(); }

void must_succeed(Result<> result, const char* what) {
  if (!result.has_value()) engine.fail_stop(what);
}

void first_thread(void*) {
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    while (!sched::has_cpu_in_service(CpuMask{1} << cpu)) hal::relax();
  }
  the_first_thread();
  engine.end_run();
}

struct Start {
  void (*entry)(void*);
  void* argument;
};

void run_thread(void* argument) {
  const Start& start = *static_cast<Start*>(argument);
  engine.wait_at_gate();
  start.entry(start.argument);
  engine.finish_body();
}

}  // namespace

const Machine& kernel_machine() {
  static constexpr Machine machine{take_interrupt, thread_name, explain_stuck};
  return machine;
}

void boot_kernel(unsigned cpus, void (*first)()) {
  the_first_thread = first;
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    engine.add_agent(ground.make_fiber(start_cpu, nullptr), "CPU");
  }
  sched::adopt_boot_cpu();
  const mm::MemoryRegion all{host::k_memory_base, Ground::k_memory_size};
  must_succeed(mm::init({&all, 1}), "the memory is too small");
  sched::init(sched::PolicyKind::rr);
  auto* thread = new Thread("director");
  thread->entry = first_thread;
  thread->cpu_mask = 1;
  sched::start(*thread);
  sched::run_cpu();
}

void add_kernel_thread(const Stage::ThreadOptions& options, void (*entry)(void*), void* argument) {
  auto* thread = new Thread(options.name);
  thread->entry = run_thread;
  thread->argument = new Start{entry, argument};
  thread->priority += options.priority;
  thread->cpu_mask = options.cpus == k_any_cpu ? ~CpuMask{1} : options.cpus << 1;
  engine.add_body();
  sched::start(*thread);
  engine.settle();
}

}  // namespace weft::explore
