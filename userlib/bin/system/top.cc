// top [-d SECONDS] [-n TIMES]: who uses the CPUs; Ctrl-C ends it.
#include <algorithm>

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/system/processes.hh"

namespace weft {
namespace {

struct Row {
  ProcessInfo process;
  uint64_t ticks;  // used since the last look
};

uint64_t ticks_before(const Vector<ProcessInfo>& before, int32_t pid) {
  for (const ProcessInfo& process : before) {
    if (process.pid == pid) return process.ticks;
  }
  return 0;
}

uint64_t now_in_ticks() {
  abi::Timespec time{};
  (void)sys::clock_gettime(abi::k_clock_monotonic, &time);
  return static_cast<uint64_t>(time.seconds) * 100 +
         static_cast<uint64_t>(time.nanoseconds) / 10'000'000;
}

void show(const Vector<ProcessInfo>& before, const Vector<ProcessInfo>& now, uint64_t elapsed,
          size_t rows_wanted) {
  Vector<Row> rows;
  size_t running = 0;
  for (const ProcessInfo& process : now) {
    rows.push_back(
        {process, process.ticks - std::min(process.ticks, ticks_before(before, process.pid))});
    if (process.state == 'R') ++running;
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.ticks != b.ticks ? a.ticks > b.ticks : a.process.pid < b.process.pid;
  });
  const uint64_t seconds = uptime_seconds().value_or(0);
  print("up {}:{:02}:{:02}, {} processes, {} running; memory {} KiB, {} available\n",
        seconds / 3600, seconds / 60 % 60, seconds % 60, now.size(), running,
        memory_figure("MemTotal").value_or(0), memory_figure("MemAvailable").value_or(0));
  print("  PID STATE     CPU%     TIME    RSS COMMAND\n");
  for (size_t i = 0; i < std::min(rows.size(), rows_wanted); ++i) {
    const ProcessInfo& process = rows[i].process;
    const uint64_t share = elapsed > 0 ? rows[i].ticks * 1000 / elapsed : 0;
    print("{:5} {:<8} {:3}.{} {:>8} {:6} {}\n", process.pid, state_name(process.state), share / 10,
          share % 10, cpu_time_text(process.ticks).view(), process.resident / 1024,
          process.command.view());
  }
}

}  // namespace

int top_main(Arguments arguments) {
  int64_t delay = 2;
  int64_t times = INT64_MAX;
  OptionParser options(arguments, "d:n:b");
  while (const auto option = options.next()) {
    if (option->letter == 'd') delay = parse_number(option->value).value_or(delay);
    if (option->letter == 'n') times = parse_number(option->value).value_or(times);
  }
  if (options.wrong()) return 2;
  const bool is_screen = is_terminal(1);
  Vector<ProcessInfo> before;
  uint64_t last_look = 0;
  for (int64_t i = 0; i < times; ++i) {
    if (i > 0) {
      const abi::Timespec pause = {delay, 0};
      (void)sys::nanosleep(&pause, nullptr);
    }
    Vector<ProcessInfo> now = all_processes();
    const uint64_t time = now_in_ticks();
    if (is_screen) print("\x1b[H\x1b[2J");
    show(before, now, i > 0 ? time - last_look : 0, is_screen ? 20 : SIZE_MAX);
    out.flush();
    before = std::move(now);
    last_look = time;
  }
  return 0;
}

}  // namespace weft
