// Start-up, to be read from top to bottom. What is called here does one thing each, and each thing
// needs those above it.
#include <cstddef>
#include <new>

#include "core/base/log.hh"
#include "core/base/options.hh"
#include "core/hal.hh"
#include "core/mm/kernel_stack.hh"
#include "core/mm/memory.hh"
#include "core/proc/kernel_thread.hh"
#include "core/sched/balance.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/wall_clock.hh"
#include "dev/power.hh"
#include "dev/report.hh"
#include "dev/rtc.hh"
#include "dev/serial.hh"
#include "first_thread.hh"
#include "initrd.hh"
#include "tracing.hh"
#include "x86_64/start.hh"

namespace weft {
namespace {

// Takes what the loader passed on; ends here if that can't be used.
void read_options(const x86::BootInfo& info) {
  const CommandLine line = parse_command_line(info.command_line());
  dev::start_reports(line.nonce);  // first of all, so that a failure is reported, too
  if (!info.problem.empty()) dev::refuse_to_start(info.problem);
  if (line.error) dev::refuse_to_start(Text<200>("option {}", line.error->view()).view());
  kernel_options = line.options;
  log::set_level(kernel_options.log_level);
}

void start_memory(const x86::BootInfo& info) {
  if (mm::init(x86::free_memory()).has_value()) return;
  dev::refuse_to_start(
      Text<120>("too little memory: {} KiB are not enough for the kernel's own tables",
                info.memory.usable_bytes() / 1024)
          .view());
}

// What time it is, for the clock and for the reader of the log.
void say_hello(const x86::BootInfo& info) {
  const dev::Date date = dev::read_rtc();
  sched::set_wall_clock(dev::unix_time(date));
  log::info(
      "Weft, {} CPUs, {} MiB, policy {}, started by {} on {:04}-{:02}-{:02} {:02}:{:02}:{:02}",
      hal::cpu_count(), info.memory.usable_bytes() >> 20, kernel_options.policy, info.protocol,
      date.year, date.month, date.day, date.hour, date.minute, date.second);
}

// The machine's first thread. From here on start-up may block.
void begin_use(void*) {
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    while (!sched::has_cpu_in_service(CpuMask{1} << cpu)) sched::yield();
  }
  if (!start_reaper().has_value())
    dev::refuse_to_start("too little memory: no thread can be started");
  dev::report("start");
  if (has_initrd()) {
    start_init();
  } else {
    first_thread();
  }
}

// spawn() is for threads to call, and there is none yet. This thread's record is never freed.
void start_first_thread() {
  const auto stack = mm::allocate_kernel_stack();
  if (!stack.has_value())
    dev::refuse_to_start("too little memory: there is none for a thread's stack");
  alignas(Thread) static std::byte place[sizeof(Thread)];
  auto* first = new (place) Thread("first");
  first->entry = begin_use;
  first->stack_base = stack->base;
  first->stack_size = stack->size;
  sched::start(*first);
}

}  // namespace

// The boot CPU, on its start stack, with interrupts off; exceptions are reported already.
void kernel_main(const x86::BootInfo& info) {
  dev::serial::start();
  sched::adopt_boot_cpu();
  read_options(info);
  x86::start_paging(info);
  x86::start_hardware(info, kernel_options.cpus);
  start_memory(info);
  start_tracing();
  sched::init(*sched::find_policy(kernel_options.policy));
  say_hello(info);
  if (info.initrd_size > 0) {
    use_initrd({static_cast<const std::byte*>(hal::phys_to_virt(info.initrd)), info.initrd_size});
  }
  start_first_thread();
  x86::start_other_cpus();
  sched::run_cpu();
}

}  // namespace weft
