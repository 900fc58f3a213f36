#include "bench/guest/scaling.hh"

#include "bench/guest/measure.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::bench {
namespace {

constexpr int k_counts[] = {10, 1'000, 10'000};
constexpr size_t k_small_stack = 4096;

// ---- The others ----------------------------------------------------------------------------------

// Processes that sleep until the pipe's writing end is closed, which the end of this one does.
void add_processes(int count) {
  int ends[2];
  must("make a pipe", sys::pipe(ends));
  for (int index = 0; index < count; ++index) {
    start_child([&] {
      sys::close(ends[1]);
      char byte;
      sys::read(ends[0], &byte, 1);
    });
  }
}

void add_threads(int count) {
  static Gate never;
  char* stacks = reinterpret_cast<char*>(
      must("map stacks", sys::mmap(nullptr, static_cast<size_t>(count) * k_small_stack,
                                   PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
  static int tid;
  for (int index = 0; index < count; ++index) {
    must("start a thread", clone_thread(
                               k_thread_flags & ~uint64_t{CLONE_CHILD_CLEARTID},
                               stacks + (static_cast<size_t>(index) + 1) * k_small_stack,
                               [](void*) {
                                 never.pass();
                                 return 0;
                               },
                               nullptr, &tid, nullptr, nullptr));
  }
}

// Mappings that can't be merged: neighbours differ in their protection.
void add_mappings(int count) {
  char* first = reinterpret_cast<char*>(
      must("map pages", sys::mmap(nullptr, static_cast<size_t>(count) * k_page_size, PROT_READ,
                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
  for (int index = 0; index < count; index += 2) {
    must("mprotect", sys::mprotect(first + static_cast<size_t>(index) * k_page_size, k_page_size,
                                   PROT_READ | PROT_WRITE));
  }
}

// ---- The operations ------------------------------------------------------------------------------

double fork_exit_wait() {
  return per_operation(50, [] {
    const long child = sys::fork();
    if (child == 0) sys::exit_group(0);
    sys::wait4(child, nullptr, 0, nullptr);
  });
}

double kill_oneself() {
  handle(SIGUSR1, [](int) {});
  const int own = static_cast<int>(sys::getpid());
  return per_operation(500, [&] { sys::kill(own, SIGUSR1); });
}

double map_and_unmap() {
  return per_operation(300, [] {
    const long page =
        sys::mmap(nullptr, k_page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sys::munmap(page, k_page_size);
  });
}

double fault() {
  return per_operation(300, [] {
    const long page =
        sys::mmap(nullptr, k_page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *reinterpret_cast<volatile char*>(page) = 'x';
    sys::munmap(page, k_page_size);
  });
}

double switch_to_another() {
  Pipe there;
  Pipe back;
  const int other = start_child([&] {
    char byte;
    while (sys::read(there.reader, &byte, 1) == 1) sys::write(back.writer, &byte, 1);
  });
  const double cost = per_operation(300, [&] {
    char byte = 'x';
    sys::write(there.writer, &byte, 1);
    sys::read(back.reader, &byte, 1);
  });
  sys::kill(other, SIGKILL);
  wait_for(other);
  return cost;
}

struct Operation {
  const char* name;
  double (*run)();
  bool copies_the_process;  // then it grows with what the process itself has, rightly
};

constexpr Operation k_operations[] = {{"fork_exit_wait", fork_exit_wait, true},
                                      {"kill", kill_oneself, false},
                                      {"map_and_unmap", map_and_unmap, false},
                                      {"map_fault_unmap", fault, false},
                                      {"switch", switch_to_another, false}};

struct Kind {
  const char* name;
  void (*add)(int count);
  bool in_this_process;
};

constexpr Kind k_kinds[] = {{"processes", add_processes, false},
                            {"threads", add_threads, false},
                            {"mappings", add_mappings, false},
                            {"own_threads", add_threads, true},
                            {"own_mappings", add_mappings, true}};

void add_in_another_process(const Kind& kind, int count) {
  Shared<Gate> ready;
  start_child([&] {
    kind.add(count);
    ready->open();
    for (;;) sys::pause();
  });
  ready->pass();
}

void measure(const Kind& kind, int count) {
  kind.in_this_process ? kind.add(count) : add_in_another_process(kind, count);
  for (const Operation& operation : k_operations) {
    if (kind.in_this_process && operation.copies_the_process) continue;
    const Text<80> name("{}/{}={}", operation.name, kind.name, count);
    print_result(name.view(), operation.run(), "ticks");
  }
}

}  // namespace

void measure_scaling() {
  for (const Kind& kind : k_kinds) {
    for (const int count : k_counts) {
      const int child = start_child([&] {
        sys::setsid();
        stay_on_one_cpu();
        measure(kind, count);
        sys::kill(0, SIGKILL);  // all of its session: whatever was added
      });
      wait_for(child);
    }
  }
}

}  // namespace weft::bench
