// Making and ending processes and threads.
#include "bench/guest/measure.hh"
#include "guest/support/execute.hh"
#include "guest/support/pages.hh"
#include "guest/support/shared.hh"
#include "guest/support/thread.hh"

namespace weft::bench {
namespace {

const char* const k_exit_arguments[] = {"helper", "exit", "0", nullptr};

[[gnu::always_inline]] inline long vfork_here() {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(__NR_vfork) : "rcx", "r11", "memory");
  return result;
}

void fork_exit_wait() {
  const long child = sys::fork();
  if (child == 0) sys::exit_group(0);
  sys::wait4(child, nullptr, 0, nullptr);
}

}  // namespace

BENCHMARK(fork_exit_wait) { return per_operation(200, fork_exit_wait); }

BENCHMARK(fork_exit_wait_256_dirty_pages) {
  Pages pages(256);
  for (size_t page = 0; page < 256; ++page) pages.page(page)[0] = 'x';
  return per_operation(100, fork_exit_wait);
}

BENCHMARK(fork_exec_wait) {
  return per_operation(100, [] {
    const long child = sys::fork();
    if (child == 0) sys::execve(k_helper, k_exit_arguments, nullptr), sys::exit_group(1);
    sys::wait4(child, nullptr, 0, nullptr);
  });
}

BENCHMARK(vfork_exec_wait) {
  return per_operation(100, [] {
    const long child = vfork_here();
    if (child == 0) sys::execve(k_helper, k_exit_arguments, nullptr), sys::exit_group(1);
    sys::wait4(child, nullptr, 0, nullptr);
  });
}

// The stack is there already, as a thread library keeps it.
BENCHMARK(thread_create_and_join) {
  static char stack[64 * 1024];
  static int alive;
  return per_operation(500, [] {
    alive = 1;
    clone_thread(
        k_thread_flags, stack + sizeof stack, [](void*) { return 0; }, nullptr, &alive, &alive,
        nullptr);
    while (const int tid = load(alive)) sys::futex(&alive, FUTEX_WAIT, tid, nullptr, nullptr, 0);
  });
}

}  // namespace weft::bench
