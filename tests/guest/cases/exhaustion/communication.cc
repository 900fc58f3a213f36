// Thousands of queues and sockets, and every page is free again afterwards.
#include "guest/support/files.hh"
#include "guest/support/process.hh"
#include "guest/support/socket.hh"
#include "guest/support/system_v.hh"

namespace weft::guest {
namespace {

// MemFree of /proc/meminfo, in kB. The text comes behind the count, so its room is touched before.
long free_memory() {
  static char room[4096];
  __builtin_memset(room, 1, sizeof room);
  std::string_view text = read_file("/proc/meminfo", room);
  text.remove_prefix(text.find("MemFree:") + 8);
  long value = 0;
  for (const char each : text.substr(0, text.find('\n'))) {
    if (each >= '0' && each <= '9') value = value * 10 + (each - '0');
  }
  return value;
}

// Twice in children, so that what is only kept for the next time is not counted.
template <typename Body>
void check_no_page_is_lost(Body body) {
  wait_for(start_child(body));
  const long before = free_memory();
  show_status("child", wait_for(start_child(body)));
  check("no page is lost", free_memory() == before);
}

int open_many_pairs() {
  rlimit limit{4'096, 4'096};
  must("prlimit64", sys::prlimit64(0, RLIMIT_NOFILE, &limit, nullptr));
  for (int i = 0; i < 1'700; ++i) {
    int ends[2];
    must("socketpair", sys::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    must("write", sys::write(ends[0], "unread", 6));
  }
  return 0;
}

}  // namespace

GUEST_CASE(pages_of_a_thousand_queues) {
  check_no_page_is_lost([] {
    static int ids[1000];
    static Message message{.type = 1, .text = {}};
    for (int& id : ids) {
      id = static_cast<int>(must("msgget", sys::msgget(IPC_PRIVATE, IPC_CREAT | 0600)));
      for (int i = 0; i < 10; ++i) must("msgsnd", sys::msgsnd(id, &message, 60, 0));
    }
    for (const int id : ids) must("msgctl", sys::msgctl(id, IPC_RMID, nullptr));
  });
}

GUEST_CASE(pages_of_many_segments_and_semaphores) {
  check_no_page_is_lost([] {
    for (int i = 0; i < 1000; ++i) {
      const long id = must("shmget", sys::shmget(IPC_PRIVATE, 16'384, IPC_CREAT | 0600));
      const long place = must("shmat", sys::shmat(id, nullptr, 0));
      *reinterpret_cast<volatile char*>(place) = 1;
      must("shmctl", sys::shmctl(id, IPC_RMID, nullptr));
      SemaphoreSet set(100);
      must("semop", set.operate(1, 5, SEM_UNDO));
    }
  });
}

// In three processes, since none may have so many files.
GUEST_CASE(pages_of_ten_thousand_sockets) {
  check_no_page_is_lost([] {
    int children[3];
    for (int& child : children) child = start_child(open_many_pairs);
    for (const int child : children) {
      if (wait_for(child) != 0) return 1;
    }
    return 0;
  });
}

}  // namespace weft::guest
