// /proc, as far as ps, top and C libraries read it: the form of the files, and what must be true.
#include "guest/support/files.hh"
#include "guest/support/names.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/start.hh"

namespace weft::guest {
namespace {

bool has_line(std::string_view text, std::string_view start) {
  while (!text.empty()) {
    if (text.starts_with(start)) return true;
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return false;
}

// The number behind "start" and blanks; -1 when there is none.
long number_behind(std::string_view text, std::string_view start) {
  while (!text.empty() && !text.starts_with(start)) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return -1;
    text.remove_prefix(end + 1);
  }
  if (text.empty()) return -1;
  text.remove_prefix(start.size());
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
  long value = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1)) {
    value = value * 10 + (text[0] - '0');
  }
  return value;
}

char g_room[64 * 1024];

}  // namespace

GUEST_CASE(proc_self_is_a_link_to_the_own_id) {
  char room[20] = {};
  const long length = sys::readlink("/proc/self", room, sizeof room);
  const Text<20> own("{}", sys::getpid());
  check("readlink", std::string_view(room, static_cast<size_t>(length)) == own.view());
}

GUEST_CASE(proc_lists_processes_and_forgets_them) {
  const int child = start_child([] {
    for (;;) sys::pause();
  });
  const Text<30> folder("/proc/{}", child);
  struct stat status{};
  show("while it lives", sys::stat(folder.c_str(), &status));
  check("a folder", (status.st_mode & S_IFMT) == S_IFDIR);
  sys::kill(child, SIGKILL);
  wait_until_state(child, 'Z');
  show("as a zombie", sys::stat(folder.c_str(), &status));
  wait_for(child);
  show("afterwards", sys::stat(folder.c_str(), &status));
}

GUEST_CASE(proc_listing_has_the_own_id) {
  alignas(8) static char buffer[32 * 1024];
  const int fd = open_or_end("/proc", O_RDONLY | O_DIRECTORY);
  const Text<20> own("{}", sys::getpid());
  bool found_own = false;
  bool found_self = false;
  for (long length; (length = sys::getdents64(fd, buffer, sizeof buffer)) > 0;) {
    for (long at = 0; at < length;) {
      const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      found_own = found_own || std::string_view(entry->name) == own.view();
      found_self = found_self || std::string_view(entry->name) == "self";
      at += entry->length;
    }
  }
  check("own id", found_own);
  check("self", found_self);
}

GUEST_CASE(proc_stat_fields) {
  const int own = static_cast<int>(sys::getpid());
  const std::string_view text = read_file("/proc/self/stat", g_room);
  const Text<60> start("{} (proc) R ", own);
  check("id, name in brackets, state", text.starts_with(start.view()));
  check("parent", stat_field(own, 4) == sys::getppid());
  check("group", stat_field(own, 5) == sys::getpgrp());
  check("session", stat_field(own, 6) == sys::getsid(0));
  show("threads", stat_field(own, 20));
  show("nice", stat_field(own, 19));
  check("size of memory", stat_field(own, 23) > 0);
  int blanks = 0;
  for (const char each : text) blanks += each == ' ';
  show("blanks between its fields", blanks);
}

GUEST_CASE(proc_stat_states) {
  const int child = start_child([] {
    for (;;) sys::pause();
  });
  wait_until_blocked(child);
  say("waiting: {}", state_of(child));
  sys::kill(child, SIGSTOP);
  wait_until_state(child, 'T');
  say("stopped: {}", state_of(child));
  sys::kill(child, SIGKILL);
  wait_until_state(child, 'Z');
  say("dead: {}", state_of(child));
}

GUEST_CASE(proc_cmdline_is_the_arguments) {
  const int child = start_child([] {
    const char* const arguments[] = {"helper", "pause", "", "two words", nullptr};
    return static_cast<int>(sys::execve("/guest/helper", arguments, nullptr));
  });
  const Text<40> path("/proc/{}/cmdline", child);
  std::string_view text;
  do {
    sys::sched_yield();
    text = read_file(path.c_str(), g_room);
  } while (!text.starts_with("helper"));
  say("{} bytes", text.size());
  for (char& each : std::span(g_room, text.size())) each = each == '\0' ? '|' : each;
  say("{}", text);
  sys::kill(child, SIGKILL);
  wait_until_state(child, 'Z');
  show("of a zombie", static_cast<long>(read_file(path.c_str(), g_room).size()));
}

GUEST_CASE(proc_exe_leads_to_the_program) {
  const long length = sys::readlink("/proc/self/exe", g_room, sizeof g_room);
  say("{}", std::string_view(g_room, static_cast<size_t>(length)));
  show_child("it can be executed", [] {
    const char* const arguments[] = {"again", "--list", nullptr};
    const int null = open_or_end("/dev/null", O_WRONLY);
    sys::dup2(null, 1);
    sys::execve("/proc/self/exe", arguments, nullptr);
    return 1;
  });
}

GUEST_CASE(proc_maps_names_what_is_mapped) {
  const std::string_view text = read_file("/proc/self/maps", g_room);
  check("the stack", text.find("[stack]") != std::string_view::npos);
  check("the program", text.find("/guest/proc") != std::string_view::npos);
  check("code is r-xp", text.find(" r-xp ") != std::string_view::npos);
  check("nothing is writable and executable", text.find("rwx") == std::string_view::npos);
  const size_t dash = text.find('-');
  check("each line starts with a range", dash != std::string_view::npos && dash <= 16);
}

GUEST_CASE(proc_status_has_names_and_numbers) {
  const std::string_view text = read_file("/proc/self/status", g_room);
  check("Name", has_line(text, "Name:\tproc"));
  check("State", has_line(text, "State:\tR"));
  check("Pid", number_behind(text, "Pid:") == sys::getpid());
  check("PPid", number_behind(text, "PPid:") == sys::getppid());
  show("Threads", number_behind(text, "Threads:"));
  check("VmRSS", number_behind(text, "VmRSS:") >= 0);
  check("VmSize", number_behind(text, "VmSize:") > 0);
}

GUEST_CASE(proc_meminfo_adds_up) {
  const std::string_view text = read_file("/proc/meminfo", g_room);
  const long total = number_behind(text, "MemTotal:");
  const long free = number_behind(text, "MemFree:");
  const long available = number_behind(text, "MemAvailable:");
  check("total", total > 0);
  check("free is part of it", free > 0 && free <= total);
  check("available is part of it", available > 0 && available <= total);
  check("in kB", text.find(" kB\n") != std::string_view::npos);
  struct sysinfo info{};
  must("sysinfo", sys::sysinfo(&info));
  check("sysinfo has the same total",
        static_cast<long>(info.totalram * info.mem_unit / 1024) == total);
}

GUEST_CASE(proc_stat_of_the_machine) {
  const std::string_view text = read_file("/proc/stat", g_room);
  check("all CPUs first", text.starts_with("cpu  "));
  check("then each", has_line(text, "cpu0 "));
  check("switches", number_behind(text, "ctxt") > 0);
  check("boot time", number_behind(text, "btime") > 0);
  check("processes", number_behind(text, "processes") > 0);
}

GUEST_CASE(proc_uptime_and_loadavg) {
  const std::string_view uptime = read_file("/proc/uptime", g_room);
  int dots = 0;
  for (const char each : uptime) dots += each == '.';
  show("numbers with a dot in uptime", dots);
  check("its end is the line's", uptime.ends_with("\n"));
  const std::string_view load = read_file("/proc/loadavg", g_room);
  int blanks = 0;
  int slashes = 0;
  for (const char each : load) {
    blanks += each == ' ';
    slashes += each == '/';
  }
  say("loadavg: {} blanks, {} slash", blanks, slashes);
}

GUEST_CASE(proc_cpuinfo_lists_processors) {
  const std::string_view text = read_file("/proc/cpuinfo", g_room);
  check("processor 0", has_line(text, "processor\t: 0"));
  check("flags", has_line(text, "flags\t"));
}

GUEST_CASE(proc_self_fd_lists_descriptors) {
  open_or_end("/dev/null", O_RDONLY);
  show_names("names (4 is the listing itself)", "/proc/self/fd");
  const long length = sys::readlink("/proc/self/fd/3", g_room, sizeof g_room);
  say("3 is {}", std::string_view(g_room, static_cast<size_t>(length)));
}

GUEST_CASE(proc_names_cannot_be_changed) {
  check("make a folder", sys::mkdir("/proc/new", 0755) < 0);
  check("remove one", sys::rmdir("/proc/self") < 0);
  check("unlink", sys::unlink("/proc/self/stat") < 0);
  show("a missing one", sys::open("/proc/12345678/stat", O_RDONLY));
  show("a name that is no number", sys::open("/proc/1x/stat", O_RDONLY));
}

GUEST_CASE(proc_files_can_be_read_in_pieces) {
  const int fd = open_or_end("/proc/self/cmdline", O_RDONLY);
  char byte;
  long total = 0;
  while (sys::read(fd, &byte, 1) == 1) ++total;
  check("byte by byte, as long as at once",
        total == static_cast<long>(read_file("/proc/self/cmdline", g_room).size()));
  show("back to the start", sys::lseek(fd, 0, SEEK_SET));
  show("and again", sys::read(fd, &byte, 1));
}

}  // namespace weft::guest
