// init: process 1. Runs /etc/rc, then a shell on the console, again and again; takes in orphans.
//
// `init -c COMMANDS`, or the variable cmd in its environment, runs these commands instead; then the
// machine ends. How a machine ends with a status is the kernel's business: process 1 ends with it.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/sys/auxiliary.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/process.hh"

namespace weft {
namespace {

constexpr const char* k_environment[] = {"PATH=/bin:/usr/bin", "HOME=/root", "TERM=vt100",
                                         "USER=root", nullptr};

// Standard input, output and error, if the kernel hasn't given us any.
void open_console() {
  if (sys::fcntl(0, abi::k_f_getfd, 0)) return;
  const auto console = sys::open("/dev/console", abi::k_o_rdwr, 0);
  if (!console) return;
  for (int fd = 0; fd < 3; ++fd) {
    if (*console != fd) (void)sys::dup2(*console, fd);
  }
  if (*console > 2) (void)sys::close(*console);
}

// In a child: a session of its own, with the console as its terminal, so that job control works.
[[noreturn]] void become_shell(const char* const* words) {
  (void)sys::setsid();
  (void)sys::ioctl(0, abi::k_tiocsctty, 0);
  (void)sys::chdir("/root");
  const auto failed = sys::execve("/bin/sh", words, k_environment);
  print_error("init: /bin/sh: {}\n", describe(failed.error()));
  weft::exit(127);
}

// Runs a shell with these words and takes in whatever ends meanwhile; answers with the shell's end.
int run_shell(const char* const* words) {
  out.flush();
  const auto shell = sys::fork();
  if (!shell) {
    print_error("init: no process for a shell: {}\n", describe(shell.error()));
    return 1;
  }
  if (*shell == 0) become_shell(words);
  for (;;) {
    int wait_status = 0;
    const auto pid = sys::wait4(-1, &wait_status, 0, nullptr);
    if (pid && *pid == *shell) {
      return sys::has_exited(wait_status) ? sys::exit_code(wait_status)
                                          : 128 + sys::killing_signal(wait_status);
    }
    if (!pid && pid.error() != Errno::intr) return 1;
  }
}

}  // namespace

int init_main(Arguments arguments) {
  open_console();
  const char* commands = nullptr;
  if (arguments.size() > 2 && std::string_view(arguments[1]) == "-c") commands = arguments[2];
  if (const auto given = sys::environment_value("cmd")) commands = given->data();
  if (status_of("/etc/rc")) {
    constexpr const char* k_words[] = {"sh", "/etc/rc", nullptr};
    (void)run_shell(k_words);
  }
  if (commands != nullptr) {
    const char* const words[] = {"sh", "-c", commands, nullptr};
    return run_shell(words);
  }
  for (;;) {
    constexpr const char* k_words[] = {"-sh", nullptr};
    (void)run_shell(k_words);
  }
}

}  // namespace weft
