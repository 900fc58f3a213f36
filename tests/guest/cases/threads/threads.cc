// Threads of one process: what they share, what is each one's own, how they end.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

uint64_t read_fs_base() {
  uint64_t base = 0;
  sys::arch_prctl(ARCH_GET_FS, &base);
  return base;
}

}  // namespace

GUEST_CASE(thread_shares_memory) {
  int value = 1;
  Thread thread([&] { value = 2; });
  thread.join();
  show("value", value);
}

GUEST_CASE(thread_has_its_own_id_and_the_processs) {
  const long pid = sys::getpid();
  Thread thread([&] {
    check("the same process", sys::getpid() == pid);
    check("another thread", sys::gettid() != pid);
    check("the same parent", sys::getppid() > 0);
  });
  thread.join();
  check("the first thread has the process's id", sys::gettid() == pid);
}

GUEST_CASE(thread_id_is_told_to_parent_and_child) {
  // Each is written before its side can look.
  static int parent_tid;
  static int child_tid = -1;
  static bool child_was_told;
  static char stack[16 * 1024];
  const long tid = clone_thread(
      k_thread_flags | CLONE_CHILD_SETTID, stack + sizeof stack,
      [](void*) {
        child_was_told = child_tid == sys::gettid();
        return 0;
      },
      nullptr, &parent_tid, &child_tid, nullptr);
  check("the parent's word", parent_tid == tid);
  while (const int now = load(child_tid)) {
    sys::futex(&child_tid, FUTEX_WAIT, now, nullptr, nullptr, 0);
  }
  check("the child's word", child_was_told);
}

GUEST_CASE(thread_shares_descriptors_folder_and_umask) {
  must("mkdir", sys::mkdir("folder", 0755));
  Thread thread([] {
    show("opens", sys::open("/dev/null", O_RDONLY));
    sys::chdir("folder");
    sys::umask(0123);
  });
  thread.join();
  show("it is open here", sys::fcntl(3, F_GETFD));
  show("umask", sys::umask(0));
  char room[100] = {};
  sys::getcwd(room, sizeof room);
  check("the folder is the new one", std::string_view(room).ends_with("/folder"));
}

GUEST_CASE(thread_shares_handlers) {
  static int count;
  Thread thread([] { handle(SIGUSR1, [](int) { ++count; }); });
  thread.join();
  raise(SIGUSR1);
  show("handled", count);
}

GUEST_CASE(thread_local_storage_is_each_ones_own) {
  struct Block {
    Block* self;
    int value;
  };
  static Block blocks[2] = {{&blocks[0], 10}, {&blocks[1], 20}};
  static int alive = 1;
  static char stack[16 * 1024];
  const auto read_value = [] {
    int value;
    asm volatile("movl %%fs:8, %0" : "=r"(value));
    return value;
  };
  static auto read = read_value;
  must("arch_prctl", sys::arch_prctl(ARCH_SET_FS, &blocks[0]));
  must("clone", clone_thread(
                    k_thread_flags | CLONE_SETTLS, stack + sizeof stack,
                    [](void*) {
                      for (int round = 0; round < 100; ++round) sys::sched_yield();
                      say("the thread: {}", read());
                      return 0;
                    },
                    nullptr, &alive, &alive, &blocks[1]));
  while (const int tid = load(alive)) sys::futex(&alive, FUTEX_WAIT, tid, nullptr, nullptr, 0);
  say("the first thread: {}", read());
}

GUEST_CASE(arch_prctl_sets_and_gets_fs_and_gs) {
  static uint64_t word[2] = {1234, 5678};
  show("set fs", sys::arch_prctl(ARCH_SET_FS, &word[0]));
  show("set gs", sys::arch_prctl(ARCH_SET_GS, &word[1]));
  uint64_t by_fs, by_gs;
  asm volatile("movq %%fs:0, %0\n\tmovq %%gs:0, %1" : "=r"(by_fs), "=r"(by_gs));
  say("{} {}", by_fs, by_gs);
  check("get fs", read_fs_base() == reinterpret_cast<uint64_t>(&word[0]));
  uint64_t gs = 0;
  must("arch_prctl", sys::arch_prctl(ARCH_GET_GS, &gs));
  check("get gs", gs == reinterpret_cast<uint64_t>(&word[1]));
  sys::sched_yield();
  asm volatile("movq %%gs:0, %0" : "=r"(by_gs));
  say("after a switch {}", by_gs);
}

GUEST_CASE(arch_prctl_errors) {
  show("a kernel address for fs", sys::arch_prctl(ARCH_SET_FS, k_kernel_pointer));
  show("a kernel address for gs", sys::arch_prctl(ARCH_SET_GS, k_kernel_pointer));
  show("an unknown code", sys::arch_prctl(0x9999, 0));
  show("a bad pointer", sys::arch_prctl(ARCH_GET_FS, k_bad_pointer));
}

GUEST_CASE(arch_prctl_fs_is_inherited_by_fork) {
  static uint64_t word = 99;
  must("arch_prctl", sys::arch_prctl(ARCH_SET_FS, &word));
  show_child("child", [] {
    uint64_t value;
    asm volatile("movq %%fs:0, %0" : "=r"(value));
    return static_cast<int>(value);
  });
}

GUEST_CASE(thread_floating_point_state_is_its_own) {
  // Two threads compute with all their registers, and yield in between.
  static bool right[2];
  const auto compute = [](int index) {
    bool good = true;
    for (int round = 0; round < 500; ++round) {
      double value = index * 1000 + round;
      asm volatile("movsd %0, %%xmm9" : : "m"(value) : "xmm9");
      sys::sched_yield();
      double back;
      asm volatile("movsd %%xmm9, %0" : "=m"(back));
      good = good && back == value;
    }
    right[index] = good;
  };
  static auto run = compute;
  Thread other([] { run(1); });
  run(0);
  other.join();
  check("the first thread", right[0]);
  check("the second", right[1]);
}

GUEST_CASE(thread_starts_with_its_creators_floating_point_control) {
  static uint32_t seen;
  const uint32_t control = 0x1f80 | 0x6000;  // round towards zero
  asm volatile("ldmxcsr %0" : : "m"(control));
  Thread thread([] { asm volatile("stmxcsr %0" : "=m"(seen)); });
  thread.join();
  say("{:x}", seen & 0xffc0);
}

GUEST_CASE(thread_many_at_once) {
  // 64 threads wait at one gate; then each adds 1.
  Gate gate{};
  int sum = 0;
  int alive[64];
  static char stacks[64][8 * 1024];
  struct Job {
    Gate* gate;
    int* sum;
  } job{&gate, &sum};
  for (int index = 0; index < 64; ++index) {
    alive[index] = 1;
    must("clone", clone_thread(
                      k_thread_flags, stacks[index] + sizeof stacks[index],
                      [](void* argument) {
                        auto* job = static_cast<Job*>(argument);
                        job->gate->pass();
                        add(*job->sum, 1);
                        return 0;
                      },
                      &job, &alive[index], &alive[index], nullptr));
  }
  show("before", load(sum));
  gate.open();
  for (int& one : alive) {
    while (const int tid = load(one)) sys::futex(&one, FUTEX_WAIT, tid, nullptr, nullptr, 0);
  }
  show("after", sum);
}

GUEST_CASE(thread_created_and_joined_a_thousand_times) {
  int sum = 0;
  for (int index = 0; index < 1000; ++index) {
    Thread thread([&] { ++sum; });
  }
  show("sum", sum);
}

GUEST_CASE(thread_preemption_needs_no_cooperation) {
  // A thread that never makes a call does not keep another from running, on one CPU either.
  static volatile int stop;
  const uint64_t first_cpu = 1;
  must("sched_setaffinity", sys::sched_setaffinity(0, 8, &first_cpu));
  Thread busy([] {
    while (stop == 0) {
    }
  });
  for (int round = 0; round < 10; ++round) sys::sched_yield();
  say("the other thread runs");
  stop = 1;
}

GUEST_CASE(thread_exit_leaves_the_process_when_others_are_there) {
  Thread thread([] { sys::exit(77); });
  thread.join();
  say("still here");
}

GUEST_CASE(thread_obsolete_flag_of_musl_is_accepted) {
  static int alive = 1;
  static char stack[16 * 1024];
  const long tid = clone_thread(
      k_thread_flags | 0x400000, stack + sizeof stack, [](void*) { return 0; }, nullptr, &alive,
      &alive, nullptr);
  check("clone", tid > 0);
  while (const int now = load(alive)) sys::futex(&alive, FUTEX_WAIT, now, nullptr, nullptr, 0);
}

GUEST_CASE(thread_waits_do_not_see_threads) {
  Gate end{};
  Thread thread([&] { end.pass(); });
  show("wait4", sys::wait4(-1, nullptr, WNOHANG, nullptr));
  show("wait4 for it by id", sys::wait4(thread.tid(), nullptr, WNOHANG | __WALL, nullptr));
  end.open();
}

GUEST_CASE(thread_can_wait_for_another_threads_child) {
  int child = 0;
  Thread forker([&] { child = start_child([] { return 3; }); });
  forker.join();
  show_status("child", wait_for(child));
}

GUEST_CASE(set_tid_address_gives_the_threads_id) {
  static int word = 1;
  check("the id", sys::set_tid_address(&word) == sys::gettid());
}

GUEST_CASE(set_tid_address_moves_the_word_that_is_cleared_at_the_end) {
  static int word = 5;
  static int old_word = 6;
  static char stack[16 * 1024];
  must("clone", clone_thread(
                    k_thread_flags, stack + sizeof stack,
                    [](void*) {
                      sys::set_tid_address(&word);
                      return 0;
                    },
                    nullptr, &old_word, &old_word, nullptr));
  while (load(word) == 5) sys::futex(&word, FUTEX_WAIT, 5, nullptr, nullptr, 0);
  show("the new word", word);
  check("the old one still has the id", load(old_word) > 0);
}

}  // namespace weft::guest
