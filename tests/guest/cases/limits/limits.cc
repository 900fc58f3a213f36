// As many as a machine of 2 GiB must take at once.
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/thread.hh"

namespace weft::guest {

GUEST_CASE(limit_5000_processes) {
  constexpr int k_count = 5'000;
  Shared<int> alive;
  const int leader = start_child([&] {
    sys::setpgid(0, 0);
    for (int index = 0; index < k_count; ++index) {
      start_child([&] {
        add(*alive, 1);
        for (;;) sys::pause();
      });
    }
    while (load(*alive) < k_count) sys::sched_yield();
    show("alive at once", load(*alive));
    sys::kill(0, SIGKILL);
  });
  show_status("leader", wait_for(leader));
}

GUEST_CASE(limit_20000_threads) {
  constexpr int k_count = 20'000;
  constexpr size_t k_stack = 4'096;
  show_child("child", [] {
    static Gate gate;
    static int alive;
    static int ended;
    static int tid;
    char* stacks = reinterpret_cast<char*>(
        must("mmap", sys::mmap(nullptr, k_count * k_stack, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)));
    for (int index = 0; index < k_count; ++index) {
      must("clone",
           clone_thread(
               k_thread_flags & ~uint64_t{CLONE_CHILD_CLEARTID}, stacks + (index + 1) * k_stack,
               [](void*) {
                 add(alive, 1);
                 gate.pass();
                 add(ended, 1);
                 return 0;
               },
               nullptr, &tid, nullptr, nullptr));
    }
    while (load(alive) < k_count) sys::sched_yield();
    show("alive at once", alive);
    gate.open();
    while (load(ended) < k_count) sys::sched_yield();
    show("ended", ended);
  });
}

}  // namespace weft::guest
