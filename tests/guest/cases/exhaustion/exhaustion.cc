// What uses up the whole machine: for Weft alone, never for a host. Only this family's expected text is
// written by hand.
#include "guest/support/files.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"

namespace weft::guest {
namespace {

// The number behind a name in a file of /proc. The text comes behind the count, so its room is touched
// before.
long number_in(const char* path, std::string_view name) {
  static char room[4096];
  __builtin_memset(room, 1, sizeof room);
  std::string_view text = read_file(path, room);
  const size_t place = text.find(name);
  if (place == std::string_view::npos) return -1;
  text.remove_prefix(place + name.size());
  long value = 0;
  for (const char each : text) {
    if (each == '\n') break;
    if (each >= '0' && each <= '9') value = value * 10 + (each - '0');
  }
  return value;
}

long free_memory() { return number_in("/proc/meminfo", "MemFree:"); }
long count_of_switches() { return number_in("/proc/stat", "ctxt "); }

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

// Whatever the body does, afterwards all memory is free that was free before. The first times may leave
// something behind for good: a machine that never had so many threads at once gets page tables for its
// kernel stacks. What is lost each time is lost indeed.
template <typename Body>
bool all_comes_back(Body body) {
  constexpr int k_first_times = 4;
  for (int round = 0; round < k_first_times; ++round) {
    const long before = free_memory();
    body();
    if (free_memory() == before) return true;
  }
  return false;
}

// A process that answers questions, as a shell at a terminal does.
class Answerer {
 public:
  Answerer() {
    process_ = start_child([this] {
      for (char question; sys::read(questions_.reader, &question, 1) == 1;) {
        sys::write(answers_.writer, &question, 1);
      }
    });
  }
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;
  ~Answerer() {
    sys::kill(process_, SIGKILL);
    wait_for(process_);
  }
  void ask() const {
    char word = '?';
    sys::write(questions_.writer, &word, 1);
    sys::read(answers_.reader, &word, 1);
  }

 private:
  Pipe questions_;
  Pipe answers_;
  int process_ = 0;
};

}  // namespace

GUEST_CASE(processes_until_fork_fails) {
  int count = 0;
  long result = 0;
  const bool is_whole = all_comes_back([&] { result = fork_until_it_fails(&count); });
  check("the error is EAGAIN or ENOMEM", result == -EAGAIN || result == -ENOMEM);
  check("after at least a thousand", count >= 1'000);
  check("all memory came back, to the page", is_whole);
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
  int status = 0;
  const bool is_whole = all_comes_back([&] { status = wait_for(start_child(hog)); });
  check("it was refused memory, or killed", status == 1 << 8 || (status & 0x7f) == SIGKILL);
  show("the witness lives", sys::kill(witness, 0));
  check("all memory came back, to the page", is_whole);
  sys::kill(witness, SIGKILL);
}

GUEST_CASE(fork_bomb_is_survived) {
  // Everybody forks, and nobody waits. When they are refused again and again, somebody who sat still is
  // asked a question, who is as urgent as a shell; then all of them are killed while they are at it. Their orphans come to this
  // process, so that it knows when all are gone.
  struct Bomb {
    int refused;
    Gate is_large;
  };
  const auto explode = [](Bomb& bomb) {
    sys::setpgid(0, 0);
    sys::setpriority(PRIO_PROCESS, 0, 0);
    for (;;) {
      if (sys::fork() < 0 && add(bomb.refused, 1) == 100) bomb.is_large.open();
    }
  };
  sys::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  sys::setpriority(PRIO_PROCESS, 0, -20);  // as the shell at the terminal
  const Answerer answerer;
  Shared<Bomb> bomb;
  bool is_answered = true;
  const bool is_whole = all_comes_back([&] {
    *bomb = {};
    const int first = start_child([&] { explode(*bomb); });
    bomb->is_large.pass();
    const long switches = count_of_switches();
    answerer.ask();
    is_answered = is_answered && count_of_switches() - switches < 10'000;
    sys::kill(-first, SIGKILL);
    while (sys::kill(-first, 0) == 0) sys::wait4(-first, nullptr, 0, nullptr);
  });
  check("an answer comes long before each of them has had a turn", is_answered);
  check("all memory came back, to the page", is_whole);
  show_child("the machine still makes processes", [] { return 42; });
}

}  // namespace weft::guest
