// Runs the cases of one program, each in a child of its own, so that a crash is one case's crash:
//
//   pipes                     all of them          pipes --list       their names
//   pipes NAME...             these                pipes --after NAME those behind that one
//   pipes --direct NAME       that one in this process, for a kernel that cannot fork
//
// The transcript has "case NAME", the case's own lines (indented), and "ended NAME: how". A case that
// hangs leaves no "ended" line: whoever runs this program ends it, and goes on with --after.
//
// A case starts in an empty folder, in a session of its own, with descriptors 0, 1 and 2 only.
#include <algorithm>

#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"
#include "guest/support/names.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"
#include "guest/support/start.hh"

namespace weft::guest {

extern "C" const Case __start_guest_cases[];
extern "C" const Case __stop_guest_cases[];

namespace {

void print_line(std::string_view pattern, auto... values) {
  Text<200> line(pattern, values...);
  line.write("\n");
  sys::write(1, line.c_str(), line.view().size());
}

void run_here(const Case& chosen) {
  sys::mkdir("/tmp", 0777);
  const Text<120> folder("/tmp/{}", chosen.name);
  sys::mkdir(folder.c_str(), 0777);
  sys::chdir(folder.c_str());
  sys::setsid();
  sys::umask(022);
  chosen.run();
}

// Without a child: for a kernel that cannot fork. A crash takes the whole program down, so the
// transcript then ends in the middle of the case.
void run_directly(const Case& chosen) {
  print_line("case {}", chosen.name);
  run_here(chosen);
  print_line("ended {}: exited 0", chosen.name);
  if (sys::getpid() == 1) {
    sys::reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, nullptr);
  }
}

// What a case left behind is of its process group, at least; and ours, if we are the first process.
void remove_leftovers(int pid) {
  sys::kill(-pid, SIGKILL);
  while (sys::wait4(-1, nullptr, WNOHANG, nullptr) > 0) {
  }
}

void run_in_child(const Case& chosen) {
  print_line("case {}", chosen.name);
  const long pid = sys::fork();
  if (pid == 0) {
    // make leaves these two ignored in all that it starts; a case begins as a program does that
    // nobody has prepared.
    restore_default(SIGRTMIN);
    restore_default(SIGRTMIN + 1);
    run_here(chosen);
    sys::exit_group(0);
  }
  if (is_error(pid)) {
    print_line("ended {}: could not fork: {}", chosen.name, error_name(-pid));
    return;
  }
  int status = 0;
  while (sys::wait4(pid, &status, 0, nullptr) == -EINTR) {
  }
  remove_leftovers(static_cast<int>(pid));
  if ((status & 0x7f) == 0) {
    print_line("ended {}: exited {}", chosen.name, (status >> 8) & 0xff);
  } else {
    print_line("ended {}: killed by {}", chosen.name, signal_name(status & 0x7f));
  }
}

}  // namespace

int main_program(const StartStack& start) {
  const std::span<const Case> cases(__start_guest_cases, __stop_guest_cases);
  const std::span<char*> arguments(start.arguments + 1,
                                   static_cast<size_t>(std::max(0, start.argument_count - 1)));
  const std::string_view option = arguments.empty() ? "" : arguments[0];
  const auto is_named = [&](const Case& one) {
    return std::ranges::find(arguments, std::string_view(one.name),
                             [](char* text) { return std::string_view(text); }) != arguments.end();
  };
  bool wanted = arguments.empty();
  for (const Case& one : cases) {
    if (option == "--list") {
      print_line("{}", one.name);
    } else if (option == "--after") {
      if (wanted) run_in_child(one);
      wanted = wanted || is_named(one);
    } else if (option == "--direct") {
      if (is_named(one)) run_directly(one);
    } else if (wanted || is_named(one)) {
      run_in_child(one);
    }
  }
  return 0;
}

}  // namespace weft::guest
