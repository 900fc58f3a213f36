// fork, vfork and clone: what a child gets, and what is its own.
#include "guest/support/execute.hh"
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

int g_global = 1;

// vfork: the child runs in its parent's memory and stack, so this must be inlined into the caller.
[[gnu::always_inline]] inline long vfork_here() {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(__NR_vfork) : "rcx", "r11", "memory");
  return result;
}

}  // namespace

GUEST_CASE(fork_returns_twice) {
  const int parent = static_cast<int>(sys::getpid());
  const long child = sys::fork();
  if (child == 0) {
    check("the child has another id", sys::getpid() != parent);
    check("and knows its parent", sys::getppid() == parent);
    check("its only thread has its id", sys::gettid() == sys::getpid());
    sys::exit_group(17);
  }
  show_status("child", wait_for(static_cast<int>(child)));
  check("the parent gets the child's id", child > 0 && child != parent);
}

GUEST_CASE(fork_by_a_number_with_an_upper_half) {
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(long{1} << 40 | __NR_fork) : "rcx", "r11", "memory");
  if (result == 0) sys::exit_group(3);
  show_status("child", wait_for(static_cast<int>(result)));
}

GUEST_CASE(fork_copies_globals_heap_and_stack) {
  int local = 1;
  Pages heap(1);
  heap.page(0)[0] = 1;
  show_child("child", [&] {
    g_global += 10;
    local += 10;
    heap.page(0)[0] += 10;
    say("child: {} {} {}", g_global, local, static_cast<int>(heap.page(0)[0]));
  });
  say("parent: {} {} {}", g_global, local, static_cast<int>(heap.page(0)[0]));
}

GUEST_CASE(fork_shares_the_file_position) {
  write_file("file", "abcdef");
  const int fd = open_or_end("file", O_RDONLY);
  show_child("child", [&] { show_read("the child reads", fd, 2); });
  show_read("the parent goes on", fd, 2);
}

GUEST_CASE(fork_shares_status_flags_but_not_descriptor_flags) {
  Pipe pipe;
  show_child("child", [&] {
    sys::fcntl(pipe.reader, F_SETFL, O_NONBLOCK);
    sys::fcntl(pipe.reader, F_SETFD, FD_CLOEXEC);
  });
  check("O_NONBLOCK came over", (sys::fcntl(pipe.reader, F_GETFL) & O_NONBLOCK) != 0);
  show("FD_CLOEXEC", sys::fcntl(pipe.reader, F_GETFD));
}

GUEST_CASE(fork_copies_the_descriptor_table) {
  write_file("file", "abc");
  const int fd = open_or_end("file", O_RDONLY);
  show_child("child", [&] {
    show("close", sys::close(fd));
    show("opened in the child only", sys::open("file", O_RDONLY));
    show("and another", sys::open("file", O_RDONLY));
  });
  show_read("still open here", fd);
  show("not open here", sys::fcntl(fd + 1, F_GETFD));
}

GUEST_CASE(fork_copies_folder_and_umask) {
  must("mkdir", sys::mkdir("folder", 0755));
  show_child("child", [] {
    sys::chdir("folder");
    sys::umask(077);
    write_file("file", "x");
    show_stat("the child's file", "file");
  });
  write_file("file", "x");
  show_stat("the parent's file", "file");
  show_names("here", ".");
}

GUEST_CASE(fork_copies_handlers_and_mask_but_not_pending_signals) {
  static int handled;
  handle(SIGUSR1, [](int) { ++handled; });
  block(signal_set(SIGUSR2));
  raise(SIGUSR2);
  show_child("child", [] {
    raise(SIGUSR1);
    show("handled", handled);
    check("SIGUSR2 is blocked", (blocked_signals() & signal_set(SIGUSR2)) != 0);
    check("and not pending", pending_signals() == 0);
  });
  show("handled by the parent", handled);
  check("SIGUSR2 is still pending here", pending_signals() == signal_set(SIGUSR2));
}

GUEST_CASE(fork_does_not_copy_alarms) {
  sys::alarm(1000);
  show_child("child", [] { show("alarm left", sys::alarm(0)); });
  check("the parent still has one", sys::alarm(0) > 0);
}

GUEST_CASE(fork_starts_the_childs_times_at_zero) {
  // Some work first, so that the parent has used some time.
  for (int round = 0; round < 300; ++round) start_child([] {});
  while (sys::wait4(-1, nullptr, 0, nullptr) > 0) {
  }
  show_child("child", [] {
    tms times;
    sys::times(&times);
    check("children's time", times.tms_cutime == 0 && times.tms_cstime == 0);
  });
}

GUEST_CASE(fork_from_a_thread_copies_that_thread_only) {
  Gate never{};
  Thread other([&] { never.pass(); });
  Thread forker([&] {
    show_child("child", [] {
      check("the child's thread is its first", sys::gettid() == sys::getpid());
      sys::exit(5);  // the last thread ends the process
    });
  });
  forker.join();
  never.open();
}

GUEST_CASE(fork_many_children_and_wait_for_all) {
  int sum = 0;
  for (int index = 0; index < 100; ++index) start_child([&] { return index; });
  int status = 0;
  int count = 0;
  while (sys::wait4(-1, &status, 0, nullptr) > 0) {
    sum += (status >> 8) & 0xff;
    ++count;
  }
  say("{} children, sum {}", count, sum);
  show("one more wait", sys::wait4(-1, &status, 0, nullptr));
}

GUEST_CASE(fork_a_chain_of_generations) {
  struct Chain {
    static int descend(int depth) {
      if (depth == 0) return 1;
      const int status = wait_for(start_child([&] { return descend(depth - 1); }));
      return ((status >> 8) & 0xff) + 1;
    }
  };
  show("20 generations", Chain::descend(20));
}

GUEST_CASE(fork_is_limited_by_rlimit_nproc_for_others_than_root) {
  // Root is not held by it, but the call works and says what was set.
  const rlimit limit{50, 60};
  show("set", sys::prlimit64(0, RLIMIT_NPROC, &limit, nullptr));
  rlimit now{};
  show("get", sys::prlimit64(0, RLIMIT_NPROC, nullptr, &now));
  say("{} {}", now.rlim_cur, now.rlim_max);
}

GUEST_CASE(vfork_lets_the_child_run_first) {
  static volatile int steps;
  steps = 0;
  const long child = vfork_here();
  if (child == 0) {
    for (int index = 0; index < 1000; ++index) steps = steps + 1;
    sys::exit_group(3);
  }
  show("steps the child made before the parent went on", steps);
  show_status("child", wait_for(static_cast<int>(child)));
}

GUEST_CASE(vfork_child_runs_in_the_parents_memory) {
  static volatile int value;
  value = 1;
  const long child = vfork_here();
  if (child == 0) {
    value = 2;
    sys::exit_group(0);
  }
  show("the parent sees", value);
  wait_for(static_cast<int>(child));
}

GUEST_CASE(vfork_parent_goes_on_when_the_child_executes) {
  static const char* const arguments[] = {"helper", "exit", "6", nullptr};
  const long child = vfork_here();
  if (child == 0) {
    sys::execve(k_helper, arguments, nullptr);
    sys::exit_group(1);
  }
  check("the parent has a child", child > 0);
  show_status("child", wait_for(static_cast<int>(child)));
}

GUEST_CASE(vfork_parent_goes_on_when_the_child_is_killed) {
  const long child = vfork_here();
  if (child == 0) {
    sys::kill(sys::getpid(), SIGKILL);
    sys::exit_group(1);
  }
  show_status("child", wait_for(static_cast<int>(child)));
}

GUEST_CASE(vfork_descriptors_are_the_childs_own) {
  write_file("file", "x");
  const int fd = open_or_end("file", O_RDONLY);
  const long child = vfork_here();
  if (child == 0) {
    sys::close(fd);
    sys::exit_group(0);
  }
  wait_for(static_cast<int>(child));
  show("still open here", sys::fcntl(fd, F_GETFD));
}

GUEST_CASE(clone_with_sigchld_alone_is_fork) {
  const long child = sys::clone(SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) sys::exit_group(8);
  show_status("child", wait_for(static_cast<int>(child)));
}

GUEST_CASE(clone_tells_both_sides_the_new_id) {
  Shared<int> in_parent;
  static int in_child;
  const long child = sys::clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, nullptr,
                                &*in_parent, &in_child, nullptr);
  if (child == 0) {
    check("the child's memory has its id", in_child == sys::getpid());
    sys::exit_group(0);
  }
  show_status("child", wait_for(static_cast<int>(child)));
  check("so has the parent's", *in_parent == child);
  show("the child's word in the parent", in_child);
}

GUEST_CASE(clone_with_another_exit_signal) {
  static int seen;
  handle(SIGUSR1, [](int) { ++seen; });
  const long child = sys::clone(SIGUSR1, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) sys::exit_group(1);
  show("an ordinary wait does not see it", sys::wait4(child, nullptr, 0, nullptr));
  int status = 0;
  while (sys::wait4(child, &status, __WALL, nullptr) == -EINTR) {
  }
  show_status("with __WALL", status);
  show("SIGUSR1s", seen);
}

GUEST_CASE(clone_combinations_that_make_no_sense) {
  show("thread without shared handlers",
       sys::clone(CLONE_THREAD, nullptr, nullptr, nullptr, nullptr));
  show("handlers without memory", sys::clone(CLONE_SIGHAND, nullptr, nullptr, nullptr, nullptr));
  show("thread and handlers without memory",
       sys::clone(CLONE_THREAD | CLONE_SIGHAND, nullptr, nullptr, nullptr, nullptr));
  show("new file system view and a shared one",
       sys::clone(CLONE_NEWNS | CLONE_FS | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

GUEST_CASE(clone_files_shares_the_descriptor_table) {
  write_file("file", "x");
  const int fd = open_or_end("file", O_RDONLY);
  const long child = sys::clone(CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) {
    sys::close(fd);
    sys::exit_group(0);
  }
  wait_for(static_cast<int>(child));
  show("closed here, too", sys::fcntl(fd, F_GETFD));
}

GUEST_CASE(clone_fs_shares_folder_and_umask) {
  must("mkdir", sys::mkdir("folder", 0755));
  const long child = sys::clone(CLONE_FS | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) {
    sys::chdir("folder");
    sys::umask(027);
    sys::exit_group(0);
  }
  wait_for(static_cast<int>(child));
  show("umask", sys::umask(0));
  write_file("file", "x");
  show_names("the folder", "../folder");
}

GUEST_CASE(clone3_starts_a_child) {
  Shared<int> tid;
  clone_args arguments{};
  arguments.flags = CLONE_PARENT_SETTID;
  arguments.exit_signal = SIGCHLD;
  arguments.parent_tid = reinterpret_cast<uint64_t>(&*tid);
  const long child = sys::clone3(&arguments, sizeof arguments);
  if (child == 0) sys::exit_group(12);
  check("the id is told", *tid == child);
  show_status("child", wait_for(static_cast<int>(child)));
}

GUEST_CASE(clone3_errors) {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  show("a structure too small", sys::clone3(&arguments, 63));
  show("a bad pointer", sys::clone3(k_bad_pointer, sizeof arguments));
  arguments.exit_signal = 65;
  show("a signal that doesn't exist", sys::clone3(&arguments, sizeof arguments));
  arguments.exit_signal = SIGCHLD;
  arguments.flags = CLONE_THREAD;
  show("a thread without memory", sys::clone3(&arguments, sizeof arguments));
  arguments.flags = 0;
  arguments.stack = 4096;
  show("a stack without a size", sys::clone3(&arguments, sizeof arguments));
  struct {
    clone_args known;
    uint64_t unknown;
  } larger{};
  larger.known.exit_signal = SIGCHLD;
  larger.unknown = 1;
  show("something set beyond what is known", sys::clone3(&larger, sizeof larger));
}

GUEST_CASE(fork_up_to_the_limit_of_processes) {
  show_child("child", [] {
    constexpr int k_user = 54'321;
    const rlimit limit{3, 3};
    must("setrlimit", sys::setrlimit(RLIMIT_NPROC, &limit));
    show_child("the superuser's", [] {});
    must("setresuid", sys::setresuid(k_user, k_user, k_user));
    const int first = start_child([] {
      for (;;) sys::pause();
    });
    const int second = start_child([] {});
    const long third = sys::fork();
    if (third == 0) sys::exit_group(0);
    show("one too many", third);
    sys::kill(first, SIGKILL);
    wait_for(first);
    wait_for(second);
    show_child("when there is room again", [] {});
  });
}

}  // namespace weft::guest
