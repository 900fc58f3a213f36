// What uses up the whole machine: for Weft alone, never for a host. Only this family's expected text is
// written by hand.
#include "guest/support/files.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"

namespace weft::guest {
namespace {

// MemFree of /proc/meminfo, in kB. The text comes behind the count, so its room is touched before.
long free_memory() {
  static char room[4096];
  __builtin_memset(room, 1, sizeof room);
  std::string_view text = read_file("/proc/meminfo", room);
  const size_t place = text.find("MemFree:");
  if (place == std::string_view::npos) return -1;
  text.remove_prefix(place + 8);
  long value = 0;
  for (const char each : text) {
    if (each == '\n') break;
    if (each >= '0' && each <= '9') value = value * 10 + (each - '0');
  }
  return value;
}

// Children that block, in a group of their own, until forking fails; then all are killed and reaped.
// What fork said at last.
long fork_until_it_fails(int* count) {
  long result = 0;
  int group = 0;
  for (*count = 0;; ++*count) {
    result = sys::fork();
    if (result < 0) break;
    if (result == 0) {
      sys::setpgid(0, group);
      for (;;) sys::pause();
    }
    if (group == 0) group = static_cast<int>(result);
    sys::setpgid(result, group);
  }
  sys::kill(-group, SIGKILL);
  while (sys::wait4(-1, nullptr, 0, nullptr) > 0) {
  }
  return result;
}

}  // namespace

GUEST_CASE(processes_until_fork_fails) {
  int count = 0;
  fork_until_it_fails(&count);  // the first time, caches fill
  const long before = free_memory();
  const long result = fork_until_it_fails(&count);
  check("the error is EAGAIN or ENOMEM", result == -EAGAIN || result == -ENOMEM);
  check("after at least a thousand", count >= 1'000);
  check("all memory came back, to the page", free_memory() == before);
}

GUEST_CASE(memory_hog_dies_alone) {
  const int witness = start_child([] {
    for (;;) sys::pause();
  });
  const auto hog = [] {
    for (;;) {
      const long block = sys::mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (block < 0) sys::exit_group(1);
      __builtin_memset(reinterpret_cast<void*>(block), 'x', 1 << 20);
    }
  };
  wait_for(start_child(hog));
  const long before = free_memory();
  const int status = wait_for(start_child(hog));
  check("it was refused memory, or killed", status == 1 << 8 || (status & 0x7f) == SIGKILL);
  show("the witness lives", sys::kill(witness, 0));
  check("all memory came back, to the page", free_memory() == before);
  sys::kill(witness, SIGKILL);
}

GUEST_CASE(fork_bomb_is_survived) {
  // Everybody forks, and nobody waits. Their group is killed while they are at it.
  Shared<int> refused;
  const int bomb = start_child([&] {
    sys::setpgid(0, 0);
    for (;;) {
      if (sys::fork() < 0) add(*refused, 1);
    }
  });
  while (load(*refused) < 100) sys::sched_yield();
  while (sys::kill(-bomb, SIGKILL) == 0) sys::sched_yield();
  wait_for(bomb);
  show_child("the machine still makes processes", [] { return 42; });
}

}  // namespace weft::guest
