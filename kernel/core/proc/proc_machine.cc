// What /proc tells of the machine.
#include "core/mm/page_frames.hh"
#include "core/proc/load.hh"
#include "core/proc/proc_texts.hh"
#include "core/sched/cpu.hh"
#include "core/sched/thread_list.hh"
#include "core/sched/wall_clock.hh"

namespace weft::proc {
namespace {

constexpr Nanoseconds k_tick = k_second / 100;
constexpr uint64_t k_page_kibibytes = k_page_size / 1024;

constinit void (*describe_cpu)(Sink& to) = nullptr;

// A number with two digits behind the dot.
void write_seconds(Sink& to, Nanoseconds time) {
  format(to, "{}.{:02}", time / k_second, time % k_second / k_tick);
}

Nanoseconds idle_time(unsigned cpu) { return sched::view_thread(sched::cpus[cpu].idle).cpu_time; }

uint64_t count_of_switches() {
  uint64_t all = 0;
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) all += sched::cpus[cpu].counts.switches;
  return all;
}

// The line of one CPU or of all: what was not idle counts as user time, since the time in the kernel is
// told for processes only.
void write_cpu_line(Sink& to, std::string_view name, Nanoseconds all, Nanoseconds idle) {
  const Nanoseconds busy = all > idle ? all - idle : 0;
  format(to, "{} {} 0 0 {} 0 0 0 0 0 0\n", name, busy / k_tick, idle / k_tick);
}

}  // namespace

void describe_cpus_with(void (*describe)(Sink& to)) { describe_cpu = describe; }

Result<> write_memory_info(Sink& to, const Subject&) {
  const mm::FrameStats frames = settled_memory();
  const uint64_t free = (frames.free + frames.cached) * k_page_kibibytes;
  const auto line = [&](std::string_view name, uint64_t kibibytes) {
    format(to, "{:<16}{:>8} kB\n", name, kibibytes);
  };
  line("MemTotal:", frames.total * k_page_kibibytes);
  line("MemFree:", free);
  line("MemAvailable:", free);
  line("Buffers:", 0);
  line("Cached:", 0);
  line("SwapTotal:", 0);
  line("SwapFree:", 0);
  line("PageTables:", frames.used_as(mm::FrameUse::page_table) * k_page_kibibytes);
  return {};
}

Result<> write_uptime(Sink& to, const Subject&) {
  Nanoseconds idle = 0;
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) idle += idle_time(cpu);
  write_seconds(to, hal::now());
  to.write(" ");
  write_seconds(to, idle);
  to.write("\n");
  return {};
}

Result<> write_load(Sink& to, const Subject&) {
  for (const uint64_t average : load_averages()) {
    const uint64_t hundredths = (average * 100 + k_load_unit / 2) / k_load_unit;
    format(to, "{}.{:02} ", hundredths / 100, hundredths % 100);
  }
  format(to, "{}/{} {}\n", runnable_threads(), sched::thread_count(), current_thread().process.pid);
  return {};
}

Result<> write_machine_stat(Sink& to, const Subject&) {
  const Nanoseconds now = hal::now();
  Nanoseconds idle = 0;
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) idle += idle_time(cpu);
  write_cpu_line(to, "cpu ", now * hal::cpu_count(), idle);
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    write_cpu_line(to, Text<8>("cpu{}", cpu).view(), now, idle_time(cpu));
  }
  format(to, "ctxt {}\nbtime {}\n", count_of_switches(), sched::boot_date() / k_second);
  SpinGuard guard(tree_lock);
  format(to, "processes {}\n", tasks_begun());
  return {};
}

Result<> write_cpus(Sink& to, const Subject&) {
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    format(to, "processor\t: {}\n", cpu);
    if (describe_cpu != nullptr) describe_cpu(to);
    to.write("\n");
  }
  return {};
}

Result<> write_cpu_range(Sink& to, const Subject&) {
  const unsigned last = hal::cpu_count() - 1;
  last == 0 ? format(to, "0\n") : format(to, "0-{}\n", last);
  return {};
}

Result<> write_version(Sink& to, const Subject&) {
  to.write("Weft version 6.1.0-weft #1 SMP\n");
  return {};
}

Result<> write_mounts(Sink& to, const Subject&) {
  to.write("rootfs / rootfs rw 0 0\nproc /proc proc rw,relatime 0 0\n");
  return {};
}

Result<> write_file_systems(Sink& to, const Subject&) {
  to.write("nodev\trootfs\nnodev\tproc\n");
  return {};
}

}  // namespace weft::proc
