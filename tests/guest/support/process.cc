#include "guest/support/process.hh"

#include "guest/support/names.hh"

namespace weft::guest {
namespace {

// /proc/TID/stat from the state letter on (the name before it may hold blanks and brackets).
std::string_view read_stat(int tid, std::span<char> room) {
  const int fd = static_cast<int>(sys::open(Text<40>("/proc/{}/stat", tid).c_str(), O_RDONLY));
  if (fd < 0) return {};
  const long length = sys::read(fd, room.data(), room.size());
  sys::close(fd);
  if (length <= 0) return {};
  std::string_view text(room.data(), static_cast<size_t>(length));
  const size_t bracket = text.rfind(") ");
  if (bracket == std::string_view::npos) return {};
  text.remove_prefix(bracket + 2);
  return text;
}

}  // namespace

int wait_for(int pid) {
  int status = 0;
  long result;
  do {
    result = sys::wait4(pid, &status, 0, nullptr);
  } while (result == -EINTR);
  must("wait for a child", result);
  return status;
}

void show_status(std::string_view what, int status) {
  if (status == 0xffff) {
    say("{}: continued", what);
  } else if ((status & 0xff) == 0x7f) {
    say("{}: stopped by {}", what, signal_name((status >> 8) & 0xff));
  } else if ((status & 0x7f) == 0) {
    say("{}: exited {}", what, (status >> 8) & 0xff);
  } else {
    say("{}: killed by {}", what, signal_name(status & 0x7f));
  }
}

char state_of(int tid) {
  char room[512];
  const std::string_view text = read_stat(tid, room);
  return text.empty() ? '\0' : text[0];
}

void wait_until_blocked(int tid) {
  for (;;) {
    const char state = state_of(tid);
    if (state == 'S' || state == 'T' || state == 'Z') return;
    if (state == '\0') must("see the state of a thread in /proc", -ESRCH);
    sys::sched_yield();
  }
}

void wait_until_state(int tid, char state) {
  while (state_of(tid) != state) sys::sched_yield();
}

long stat_field(int pid, int field) {
  char room[512];
  std::string_view text = read_stat(pid, room);
  for (int at = 3; at < field; ++at) {
    const size_t blank = text.find(' ');
    if (blank == std::string_view::npos) return -1;
    text.remove_prefix(blank + 1);
  }
  long value = 0;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    value = value * 10 + (text[0] - '0');
    text.remove_prefix(1);
  }
  return negative ? -value : value;
}

}  // namespace weft::guest
