// uname, date, id, tty, nproc, clear, poweroff, reboot: the machine and who we are on it.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/files/calendar.hh"
#include "userlib/bin/options.hh"

namespace weft {

int uname_main(Arguments arguments) {
  std::string_view wanted = "s";
  String letters;
  OptionParser options(arguments, "asnrvm");
  while (const auto option = options.next()) letters += option->letter;
  if (options.wrong()) return 2;
  if (!letters.empty()) wanted = letters;
  if (wanted.contains('a')) wanted = "snrvm";
  abi::SystemNames names;
  const auto done = sys::uname(&names);
  if (!done) return complain(arguments, "uname", done.error());
  bool is_first = true;
  const auto show = [&](char letter, const char* text) {
    if (!wanted.contains(letter)) return;
    print("{}{}", is_first ? "" : " ", text);
    is_first = false;
  };
  show('s', names.system);
  show('n', names.node);
  show('r', names.release);
  show('v', names.version);
  show('m', names.machine);
  print("\n");
  return 0;
}

// date [+FORMAT]: %Y %m %d %H %M %S %s %F %T %a %b %%
int date_main(Arguments arguments) {
  abi::Timespec now{};
  const auto done = sys::clock_gettime(abi::k_clock_realtime, &now);
  if (!done) return complain(arguments, "clock", done.error());
  const CalendarTime time = calendar_time(now.seconds);
  if (arguments.size() < 2 || arguments[1][0] != '+') {
    print("{} {} {:>2} {:02}:{:02}:{:02} UTC {}\n", k_day_names[time.weekday],
          k_month_names[time.month - 1], time.day, time.hour, time.minute, time.second, time.year);
    return 0;
  }
  const std::string_view format = std::string_view(arguments[1]).substr(1);
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out.write(format.substr(i, 1));
      continue;
    }
    switch (format[++i]) {
      case 'Y': print("{}", time.year); break;
      case 'm': print("{:02}", time.month); break;
      case 'd': print("{:02}", time.day); break;
      case 'H': print("{:02}", time.hour); break;
      case 'M': print("{:02}", time.minute); break;
      case 'S': print("{:02}", time.second); break;
      case 's': print("{}", now.seconds); break;
      case 'N': print("{:09}", now.nanoseconds); break;
      case 'F': print("{}-{:02}-{:02}", time.year, time.month, time.day); break;
      case 'T': print("{:02}:{:02}:{:02}", time.hour, time.minute, time.second); break;
      case 'a': print("{}", k_day_names[time.weekday]); break;
      case 'b': print("{}", k_month_names[time.month - 1]); break;
      default: out.write(format.substr(i, 1)); break;
    }
  }
  print("\n");
  return 0;
}

int id_main(Arguments) {
  const int64_t user = sys::getuid().value_or(0);
  const int64_t group = sys::getgid().value_or(0);
  print("uid={}{} gid={}{}\n", user, user == 0 ? "(root)" : "", group, group == 0 ? "(root)" : "");
  return 0;
}

int tty_main(Arguments) {
  const auto path = link_target("/proc/self/fd/0");
  if (!is_terminal(0)) {
    print("not a tty\n");
    return 1;
  }
  print("{}\n", path ? path->view() : "/dev/tty");
  return 0;
}

int nproc_main(Arguments arguments) {
  uint64_t mask[16] = {};
  const auto size = sys::sched_getaffinity(0, sizeof mask, mask);
  if (!size) return complain(arguments, "affinity", size.error());
  int count = 0;
  for (const uint64_t word : mask) count += __builtin_popcountll(word);
  print("{}\n", count);
  return 0;
}

int clear_main(Arguments) {
  print("\x1b[H\x1b[2J");
  return 0;
}

namespace {

int end_machine(Arguments arguments, uint32_t how) {
  const auto done =
      sys::reboot(abi::k_linux_reboot_magic1, abi::k_linux_reboot_magic2, how, nullptr);
  return done ? 0 : complain(arguments, "the machine", done.error());
}

}  // namespace

int poweroff_main(Arguments arguments) {
  return end_machine(arguments, abi::k_linux_reboot_cmd_power_off);
}
int reboot_main(Arguments arguments) {
  return end_machine(arguments, abi::k_linux_reboot_cmd_restart);
}

}  // namespace weft
