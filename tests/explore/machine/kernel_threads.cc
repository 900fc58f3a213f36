// Booting kernel/core, and its threads: what here runs on the simulated CPUs.
#include <array>

#include "core/mm/memory.hh"
#include "core/proc/load.hh"
#include "core/sched/balance.hh"
#include "core/sched/scheduler.hh"
#include "explore/engine/calls.hh"
#include "explore/engine/layout.hh"
#include "explore/machine/threads.hh"
#include "unit/support/host_memory.hh"

namespace weft::explore {
namespace {

void (*the_first_thread)() = nullptr;

std::array<Thread*, 8> scenario_threads;
unsigned thread_count = 0;

void start_cpu(void*) { upcall::on_cpu_start(); }

void first_thread(void*) {
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    while (!sched::has_cpu_in_service(CpuMask{1} << cpu)) hal::relax();
  }
  the_first_thread();
  end_run();
}

struct Start {
  void (*entry)(void*);
  void* argument;
};

void run_thread(void* argument) {
  const Start& start = *static_cast<Start*>(argument);
  wait_at_gate();
  start.entry(start.argument);
  finish_body();
}

}  // namespace

void boot_kernel(unsigned cpus, void (*first)()) {
  the_first_thread = first;
  for (unsigned cpu = 0; cpu < cpus; ++cpu) add_agent("CPU", start_cpu, nullptr);
  sched::adopt_boot_cpu();
  const mm::MemoryRegion all{host::k_memory_base, Layout::k_memory_size};
  if (!mm::init({&all, 1})) fail_stop("the memory is too small");
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
  add_scenario_thread(*thread);
  if (options.cpus != k_any_cpu) thread->cpu_mask = options.cpus << 1;
  sched::start(*thread);
  settle();
}

void add_scenario_thread(Thread& thread) {
  thread.cpu_mask = ~CpuMask{1};
  scenario_threads.at(thread_count++) = &thread;
  add_body();
}

unsigned scenario_thread_count() { return thread_count; }
Thread& scenario_thread(unsigned number) { return *scenario_threads.at(number); }

void take_kernel_interrupt(bool is_kick) {
  begin_handler();
  if (is_kick) {
    upcall::on_kick();
  } else {
    upcall::on_timer(false);
  }
  end_handler();
  upcall::on_interrupt_exit();
  return_from_interrupt();  // maybe on another CPU than before: the thread may have moved
}

}  // namespace weft::explore

// In the place of core/proc/load.cc: with a timer that never rests, somebody could always go on, and no
// lost wake-up would be seen as one.
namespace weft::proc {
void start_load_averages() {}
std::array<uint64_t, 3> load_averages() { return {}; }
uint64_t runnable_threads() { return 0; }
}  // namespace weft::proc
