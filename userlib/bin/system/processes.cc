#include "userlib/bin/system/processes.hh"

#include <algorithm>

#include "userlib/base/file.hh"
#include "userlib/base/text.hh"

namespace weft {
namespace {

constexpr uint64_t k_page = 4096;

// The fields of /proc/N/stat, counted as the manual counts them; 1 is the pid, 2 the name.
void read_stat(std::string_view text, ProcessInfo& process) {
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');  // the name itself may have brackets
  if (open == std::string_view::npos || close == std::string_view::npos) return;
  process.name = text.substr(open + 1, close - open - 1);
  const auto words = split_words(text.substr(close + 1));
  const auto field = [&](size_t number) -> int64_t {
    return number - 3 < words.size() ? parse_number(words[number - 3]).value_or(0) : 0;
  };
  if (!words.empty()) process.state = words[0][0];
  process.parent = static_cast<int32_t>(field(4));
  process.group = static_cast<int32_t>(field(5));
  process.session = static_cast<int32_t>(field(6));
  process.terminal = static_cast<int32_t>(field(7));
  process.ticks = static_cast<uint64_t>(field(14) + field(15));
  process.nice = field(19);
  process.threads = field(20);
  process.start = static_cast<uint64_t>(field(22));
  process.memory = static_cast<uint64_t>(field(23));
  process.resident = static_cast<uint64_t>(field(24)) * k_page;
  process.cpu = static_cast<int32_t>(field(39));
}

// The words of a command line, for a table: with blanks between them, and with nothing in them
// that would begin a new row or command the terminal.
String one_line(String words) {
  for (size_t i = 0; i < words.size(); ++i) {
    const auto letter = static_cast<unsigned char>(words[i]);
    if (letter == '\0') words[i] = ' ';
    if ((letter > 0 && letter < ' ') || letter == 0x7f) words[i] = '?';
  }
  while (words.ends_with(" ")) words.pop_back();
  return words;
}

}  // namespace

Vector<ProcessInfo> all_processes() {
  Vector<ProcessInfo> processes;
  const auto items = list_directory("/proc");
  if (!items) return processes;
  for (const DirectoryItem& item : *items) {
    const auto pid = parse_number(item.name);
    if (!pid) continue;
    const String folder = join_path("/proc", item.name);
    const auto stat = read_file(join_path(folder, "stat").c_str());
    if (!stat) continue;  // it has ended meanwhile
    ProcessInfo process;
    process.pid = static_cast<int32_t>(*pid);
    read_stat(*stat, process);
    auto command = read_file(join_path(folder, "cmdline").c_str());
    if (command && !command->empty()) {
      process.command = one_line(std::move(*command));
    } else {
      process.command = format_string("[{}]", process.name.view());
    }
    processes.push_back(std::move(process));
  }
  std::sort(processes.begin(), processes.end(),
            [](const ProcessInfo& a, const ProcessInfo& b) { return a.pid < b.pid; });
  return processes;
}

// Linux's letters say less than the life cycle: R is Running or Runnable, S and D are Blocked.
std::string_view state_name(char state) {
  switch (state) {
    case 'R': return "Running";
    case 'S':
    case 'D':
    case 'I': return "Blocked";
    case 'T':
    case 't': return "Stopped";
    case 'Z':
    case 'X': return "Dead";
    default: return "?";
  }
}

Text<24> cpu_time_text(uint64_t ticks) {
  const uint64_t seconds = ticks / 100;
  return Text<24>("{}:{:02}.{:02}", seconds / 60, seconds % 60, ticks % 100);
}

Result<uint64_t> memory_figure(std::string_view name) {
  const String text = TRY(read_file("/proc/meminfo"));
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':')) continue;
    const auto words = split_words(line.substr(name.size() + 1));
    if (!words.empty()) return static_cast<uint64_t>(parse_number(words[0]).value_or(0));
  }
  return fail(Errno::noent);
}

Result<uint64_t> uptime_seconds() {
  const String text = TRY(read_file("/proc/uptime"));
  const auto seconds = parse_number(text.substr(0, text.find('.')));
  if (!seconds) return fail(Errno::inval);
  return static_cast<uint64_t>(*seconds);
}

}  // namespace weft
