// Runs the programs that /plan lists, one line each, one after the other:
//
//   /guest/pipes --after x     a program; what it prints is its own affair
//   hello: /guest/hello one    a named one: it becomes a case, "case hello", its lines indented (they
//                              come through a pipe), "ended hello: exited 0"
//   !/guest/start --direct x   executed in place of this process, for a kernel that cannot fork
//
// As process 1, which it is on Weft, it turns the machine off at the end.
#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/files.hh"
#include "guest/support/linux.hh"
#include "guest/support/names.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/start.hh"

namespace weft::guest {
namespace {

constexpr const char* k_environment[] = {"PATH=/bin", "HOME=/", "TERM=dumb", nullptr};

void print(std::string_view text) { sys::write(1, text.data(), text.size()); }

// Executes a command line; comes back only when that fails.
void execute(char* line) {
  char* words[64] = {};
  size_t count = 0;
  for (char* at = line; *at != '\0' && count < 63;) {
    while (*at == ' ') *at++ = '\0';
    if (*at != '\0') words[count++] = at;
    while (*at != '\0' && *at != ' ') ++at;
  }
  if (count == 0) return;
  const long result = sys::execve(words[0], words, k_environment);
  say("init: {}: {}", words[0], error_name(-result));
}

// A process that runs the line; `output`, if there is one, becomes its standard output and error.
int start(char* line, int output) {
  const long child = sys::fork();
  if (child == 0) {
    sys::setsid();
    if (output >= 0) {
      sys::dup2(output, 1);
      sys::dup2(output, 2);
    }
    execute(line);
    sys::exit_group(127);
  }
  if (is_error(child)) say("init: fork: {}", error_name(-child));
  return static_cast<int>(child);
}

// Prints what comes out of the pipe, each line indented and written at once.
void print_indented(int reader) {
  char line[1000] = "  ";
  size_t length = 2;
  char buffer[512];
  for (long count; (count = sys::read(reader, buffer, sizeof buffer)) > 0;) {
    for (long at = 0; at < count; ++at) {
      line[length++] = buffer[at];
      if (buffer[at] != '\n' && length < sizeof line - 1) continue;
      if (line[length - 1] != '\n') line[length++] = '\n';
      print({line, length});
      length = 2;
    }
  }
  if (length > 2) {
    line[length++] = '\n';
    print({line, length});
  }
}

// Waits for that child, and reaps on the way the orphans that come to process 1. Its status.
int reap_until(int child) {
  for (;;) {
    int status = 0;
    const long pid = sys::wait4(-1, &status, 0, nullptr);
    if (pid == child || pid == -ECHILD) return status;
  }
}

void run_named(std::string_view name, char* command) {
  print(Text<100>("case {}\n", name).view());
  Pipe pipe(O_CLOEXEC);
  const int child = start(command, pipe.writer);
  if (child < 0) return;
  pipe.close_writer();
  print_indented(pipe.reader);
  const int status = reap_until(child);
  if ((status & 0x7f) == 0) {
    print(Text<100>("ended {}: exited {}\n", name, (status >> 8) & 0xff).view());
  } else {
    print(Text<100>("ended {}: killed by {}\n", name, signal_name(status & 0x7f)).view());
  }
}

void run_line(char* line) {
  for (char* at = line; *at != '\0' && *at != ' '; ++at) {
    if (*at != ':') continue;
    *at = '\0';
    return run_named(line, at + 1);
  }
  const int child = start(line, -1);
  if (child > 0) reap_until(child);
}

}  // namespace

int main_program(const StartStack&) {
  static char plan[16'384];
  if (sys::fcntl(1, F_GETFD) < 0) {
    for (int fd = 0; fd < 3; ++fd) sys::open("/dev/console", O_RDWR);
  }
  const std::string_view text = read_file("/plan", std::span(plan, sizeof plan - 1));
  if (text.empty()) say("init: there is no /plan");
  if (text.starts_with('!')) {
    plan[text.find('\n')] = '\0';
    execute(plan + 1);
  }
  char* line = plan;
  for (char* at = plan; *at != '\0'; ++at) {
    if (*at != '\n') continue;
    *at = '\0';
    run_line(line);
    line = at + 1;
  }
  if (sys::getpid() == 1) {
    sys::reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, nullptr);
  }
  return 0;
}

}  // namespace weft::guest
