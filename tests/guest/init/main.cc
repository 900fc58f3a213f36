// Process 1 on Weft when it runs guest programs: each line of /guest/plan is a program with arguments.
// They run one after the other; then the machine goes off. A program that can't be started leaves a
// line that says so, and a plan of one line that starts with '!' is executed in place of this process,
// for a kernel that cannot fork.
#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/files.hh"
#include "guest/support/linux.hh"
#include "guest/support/names.hh"
#include "guest/support/process.hh"
#include "guest/support/start.hh"

namespace weft::guest {
namespace {

constexpr const char* k_environment[] = {"PATH=/bin", "HOME=/", "TERM=dumb", nullptr};

// Executes a line; comes back only when that fails.
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

void run_line(char* line) {
  const long child = sys::fork();
  if (child == 0) {
    execute(line);
    sys::exit_group(127);
  }
  if (is_error(child)) return say("init: fork: {}", error_name(-child));
  while (sys::wait4(-1, nullptr, 0, nullptr) != child) {
  }
}

}  // namespace

int main_program(const StartStack&) {
  static char plan[16'384];
  for (int fd = 0; fd < 3; ++fd) sys::open("/dev/console", O_RDWR);
  const std::string_view text = read_file("/guest/plan", std::span(plan, sizeof plan - 1));
  if (text.starts_with('!')) execute(plan + 1);
  char* line = plan;
  for (char* at = plan; *at != '\0'; ++at) {
    if (*at != '\n') continue;
    *at = '\0';
    run_line(line);
    line = at + 1;
  }
  sys::reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, nullptr);
  return 0;
}

}  // namespace weft::guest
