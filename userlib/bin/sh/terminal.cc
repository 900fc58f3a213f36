// Who owns the terminal (jobs.hh).
#include "userlib/bin/sh/jobs.hh"
#include "userlib/sys/process.hh"
#include "userlib/syscalls.hh"

namespace weft::sh {

int Terminal::fd_ = -1;
int32_t Terminal::own_group_ = 0;
abi::TerminalModes Terminal::modes_ = {};

namespace {

uint64_t pointer(void* address) { return reinterpret_cast<uint64_t>(address); }

}  // namespace

bool Terminal::take(int fd, int32_t own_group) {
  // A shell that was started in the background stops here until somebody brings it to the front.
  for (;;) {
    int32_t front = 0;
    if (!sys::ioctl(fd, abi::k_tiocgpgrp, pointer(&front))) return false;
    const int32_t group = sys::getpgrp().value_or(0);
    if (front == group) break;
    (void)sys::kill(-group, abi::k_sigttin);
  }
  // Far from the numbers that scripts use.
  const auto copy = sys::fcntl(fd, abi::k_f_dupfd_cloexec, 10);
  if (!copy || !sys::ioctl(fd, abi::k_tcgets, pointer(&modes_))) return false;
  fd_ = static_cast<int>(*copy);
  own_group_ = own_group;
  (void)sys::setpgid(0, own_group);
  give_to(own_group);
  return true;
}

void Terminal::give_to(int32_t group) {
  if (fd_ >= 0) (void)sys::ioctl(fd_, abi::k_tiocspgrp, pointer(&group));
}

// Together with the modes: a program that was stopped or killed may have left others.
void Terminal::take_back() {
  if (fd_ < 0) return;
  give_to(own_group_);
  (void)sys::ioctl(fd_, abi::k_tcsetsw, pointer(&modes_));
}

bool Terminal::is_ours() { return fd_ >= 0; }

}  // namespace weft::sh
