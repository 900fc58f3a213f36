// exit, wait4 and waitid: how a child's end, stop and continuation are told.
#include "guest/support/files.hh"
#include "guest/support/names.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

int start_sleeper() {
  return start_child([] {
    for (;;) sys::pause();
  });
}

void show_info(std::string_view what, const siginfo_t& info, int child) {
  const char* code = info.si_code == CLD_EXITED      ? "exited"
                     : info.si_code == CLD_KILLED    ? "killed"
                     : info.si_code == CLD_DUMPED    ? "dumped"
                     : info.si_code == CLD_STOPPED   ? "stopped"
                     : info.si_code == CLD_CONTINUED ? "continued"
                                                     : "nothing";
  say("{}: {} {}, signal {}, {}", what, code, info.si_status, signal_name(info.si_signo),
      info.si_pid == child ? "the child" : (info.si_pid == 0 ? "nobody" : "somebody else"));
}

}  // namespace

GUEST_CASE(exit_status_is_eight_bits) {
  show_child("exit 0", [] { return 0; });
  show_child("exit 255", [] { return 255; });
  show_child("exit 256", [] { return 256; });
  show_child("exit -1", [] { return -1; });
}

GUEST_CASE(exit_of_the_last_thread_ends_the_process) {
  show_child("child", [] { sys::exit(4); });
}

GUEST_CASE(exit_of_the_first_thread_leaves_the_others) {
  // The process lives on until its last thread ends, and that one's status is the process's.
  show_child("child", [] {
    const int leader = static_cast<int>(sys::getpid());
    Thread other([&] {
      wait_until_state(leader, 'Z');
      say("the first thread is gone, this one is not");
      return 6;
    });
    sys::exit(5);
  });
}

GUEST_CASE(exit_group_ends_all_threads) {
  show_child("child", [] {
    Gate never{};
    Thread waiting([&] { never.pass(); });
    Thread spinning([] {
      for (;;) sys::sched_yield();
    });
    sys::exit_group(9);
  });
}

GUEST_CASE(exit_group_from_another_thread) {
  show_child("child", [] {
    Gate never{};
    Thread ending([] { sys::exit_group(11); });
    never.pass();
  });
}

GUEST_CASE(wait4_tells_how_a_child_was_killed) {
  for (const int number : {SIGTERM, SIGKILL, SIGUSR1, SIGALRM, SIGHUP, SIGRTMIN}) {
    const int child = start_sleeper();
    must("kill", sys::kill(child, number));
    show_status(signal_name(number), wait_for(child));
  }
}

GUEST_CASE(wait4_with_wnohang) {
  const int child = start_sleeper();
  int status = 77;
  show("a living child", sys::wait4(child, &status, WNOHANG, nullptr));
  show("status is untouched", status);
  sys::kill(child, SIGKILL);
  wait_until_state(child, 'Z');
  check("a dead child", sys::wait4(child, &status, WNOHANG, nullptr) == child);
  show("nobody is left", sys::wait4(child, &status, WNOHANG, nullptr));
}

GUEST_CASE(wait4_blocks_until_a_child_ends) {
  Pipe pipe;
  const int waiter = start_child([&] {
    const int child = start_child([&] {
      pipe.close_writer();
      char byte;
      sys::read(pipe.reader, &byte, 1);
      return 21;
    });
    pipe.close_writer();
    show_status("grandchild", wait_for(child));
  });
  wait_until_blocked(waiter);
  pipe.close_writer();
  show_status("child", wait_for(waiter));
}

GUEST_CASE(wait4_errors) {
  show("no children", sys::wait4(-1, nullptr, 0, nullptr));
  show("not a child", sys::wait4(1, nullptr, 0, nullptr));
  show("unknown options", sys::wait4(-1, nullptr, 0x100, nullptr));
  const int child = start_child([] {});
  show("a bad status pointer", sys::wait4(child, k_bad_pointer, 0, nullptr));
  show("the child is gone nevertheless", sys::wait4(child, nullptr, 0, nullptr));
}

GUEST_CASE(wait4_chooses_by_group) {
  const int one = start_child([] { return 1; });
  sys::setpgid(one, one);
  const int two = start_child([] {
    sys::setpgid(0, 0);
    return 2;
  });
  sys::setpgid(two, two);
  int status = 0;
  check("that group", sys::wait4(-two, &status, 0, nullptr) == two);
  show_status("its child", status);
  show("own group", sys::wait4(0, &status, 0, nullptr));
  check("any", sys::wait4(-1, &status, 0, nullptr) == one);
}

GUEST_CASE(wait4_counts_the_childs_resources) {
  rusage usage;
  __builtin_memset(&usage, 0xff, sizeof usage);
  const int child = start_child([] {});
  check("wait4", sys::wait4(child, nullptr, 0, &usage) == child);
  check("times make sense", usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec < 1'000'000 &&
                                usage.ru_stime.tv_sec == 0 && usage.ru_stime.tv_usec < 1'000'000);
}

GUEST_CASE(wait4_sees_stops_and_continuations_on_demand) {
  const int child = start_sleeper();
  int status = 0;
  must("kill", sys::kill(child, SIGSTOP));
  wait_until_state(child, 'T');
  show("a stop is not told without being asked for", sys::wait4(child, &status, WNOHANG, nullptr));
  check("with WUNTRACED", sys::wait4(child, &status, WUNTRACED, nullptr) == child);
  show_status("status", status);
  show("told once", sys::wait4(child, &status, WUNTRACED | WNOHANG, nullptr));
  must("kill", sys::kill(child, SIGCONT));
  check("with WCONTINUED", sys::wait4(child, &status, WCONTINUED, nullptr) == child);
  show_status("status", status);
  must("kill", sys::kill(child, SIGKILL));
  show_status("and at last", wait_for(child));
}

GUEST_CASE(wait4_interrupted_by_a_signal) {
  const int waiter = start_child([] {
    handle(SIGUSR1, [](int) {});
    start_sleeper();
    show("wait4", sys::wait4(-1, nullptr, 0, nullptr));
    sys::kill(0, SIGKILL);
  });
  sys::setpgid(waiter, waiter);
  wait_until_blocked(waiter);
  must("kill", sys::kill(waiter, SIGUSR1));
  show_status("child", wait_for(waiter));
}

GUEST_CASE(wait4_restarts_with_sa_restart) {
  Pipe pipe;
  const int waiter = start_child([&] {
    handle(SIGUSR1, [](int) { say("handled"); }, SA_RESTART);
    const int child = start_child([&] {
      ignore(SIGUSR1);
      pipe.close_writer();
      char byte;
      return static_cast<int>(sys::read(pipe.reader, &byte, 1)) + 30;
    });
    pipe.close_writer();
    int status = 0;
    check("wait4 went on", sys::wait4(child, &status, 0, nullptr) == child);
    show_status("grandchild", status);
  });
  wait_until_blocked(waiter);
  must("kill", sys::kill(waiter, SIGUSR1));
  wait_until_blocked(waiter);
  pipe.close_writer();
  show_status("child", wait_for(waiter));
}

GUEST_CASE(waitid_tells_an_exit) {
  const int child = start_child([] { return 33; });
  siginfo_t info{};
  show("waitid", sys::waitid(P_PID, child, &info, WEXITED, nullptr));
  show_info("info", info, child);
}

GUEST_CASE(waitid_tells_a_kill_a_stop_and_a_continuation) {
  const int child = start_sleeper();
  siginfo_t info{};
  must("kill", sys::kill(child, SIGSTOP));
  show("stopped", sys::waitid(P_PID, child, &info, WSTOPPED, nullptr));
  show_info("info", info, child);
  must("kill", sys::kill(child, SIGCONT));
  show("continued", sys::waitid(P_PID, child, &info, WCONTINUED, nullptr));
  show_info("info", info, child);
  must("kill", sys::kill(child, SIGTERM));
  show("killed", sys::waitid(P_PID, child, &info, WEXITED, nullptr));
  show_info("info", info, child);
}

GUEST_CASE(waitid_with_wnowait_leaves_the_child) {
  const int child = start_child([] { return 3; });
  siginfo_t info{};
  show("first", sys::waitid(P_PID, child, &info, WEXITED | WNOWAIT, nullptr));
  show_info("info", info, child);
  info = {};
  show("second", sys::waitid(P_PID, child, &info, WEXITED, nullptr));
  show_info("info", info, child);
  show("third", sys::waitid(P_PID, child, &info, WEXITED, nullptr));
}

GUEST_CASE(waitid_with_wnohang_says_nobody) {
  const int child = start_sleeper();
  siginfo_t info;
  __builtin_memset(&info, 0x55, sizeof info);
  show("waitid", sys::waitid(P_ALL, 0, &info, WEXITED | WNOHANG, nullptr));
  show("si_pid", info.si_pid);
  show("si_signo", info.si_signo);
  sys::kill(child, SIGKILL);
}

GUEST_CASE(waitid_errors) {
  siginfo_t info;
  show("nothing asked for", sys::waitid(P_ALL, 0, &info, 0, nullptr));
  show("unknown options", sys::waitid(P_ALL, 0, &info, WEXITED | 0x100, nullptr));
  show("unknown kind", sys::waitid(9, 0, &info, WEXITED, nullptr));
  show("pid 0", sys::waitid(P_PID, 0, &info, WEXITED, nullptr));
  show("no children", sys::waitid(P_ALL, 0, &info, WEXITED, nullptr));
  start_child([] {});
  show("a bad pointer", sys::waitid(P_ALL, 0, k_bad_pointer, WEXITED, nullptr));
  start_child([] {});
  show("no pointer", sys::waitid(P_ALL, 0, nullptr, WEXITED, nullptr));
}

GUEST_CASE(waitid_by_group) {
  const int child = start_child([] { return 1; });
  sys::setpgid(child, child);
  siginfo_t info{};
  show("own group", sys::waitid(P_PGID, 0, &info, WEXITED, nullptr));
  show("the child's group", sys::waitid(P_PGID, child, &info, WEXITED, nullptr));
  show_info("info", info, child);
}

GUEST_CASE(zombie_stays_until_it_is_waited_for) {
  const int child = start_child([] { return 1; });
  wait_until_state(child, 'Z');
  show("a signal to it is accepted", sys::kill(child, SIGTERM));
  show("kill with 0", sys::kill(child, 0));
  wait_for(child);
  show("afterwards it is gone", sys::kill(child, 0));
}

GUEST_CASE(orphan_gets_process_1_as_its_parent) {
  Pipe pipe;
  const int child = start_child([&] {
    const int parent = static_cast<int>(sys::getpid());
    start_child([&, parent] {
      while (sys::getppid() == parent) sys::sched_yield();
      const auto new_parent = static_cast<char>('0' + sys::getppid());
      sys::write(pipe.writer, &new_parent, 1);
    });
  });
  wait_for(child);
  show_read("its parent", pipe.reader);
}

GUEST_CASE(orphan_of_a_subreaper_gets_that) {
  show("become one", sys::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  const int child = start_child([&] { start_child([] { return 44; }); });
  wait_for(child);
  int status = 0;
  check("the grandchild comes to us", sys::wait4(-1, &status, 0, nullptr) > 0);
  show_status("grandchild", status);
}

GUEST_CASE(parent_death_signal) {
  Pipe pipe;
  const int child = start_child([&] {
    const int grandchild = start_child([&] {
      must("prctl", sys::prctl(PR_SET_PDEATHSIG, SIGUSR2, 0, 0, 0));
      block(signal_set(SIGUSR2));
      sys::write(pipe.writer, "r", 1);
      const SignalSet wanted = signal_set(SIGUSR2);
      const long number = sys::rt_sigtimedwait(&wanted, nullptr, nullptr, 8);
      sys::write(pipe.writer, number == SIGUSR2 ? "SIGUSR2" : "another", 7);
    });
    (void)grandchild;
    char byte;
    sys::read(pipe.reader, &byte, 1);
  });
  wait_for(child);
  show_read("the grandchild got", pipe.reader);
}

GUEST_CASE(sigchld_ignored_children_leave_no_zombies) {
  ignore(SIGCHLD);
  start_child([] { return 1; });
  start_child([] { return 2; });
  show("wait4 waits for all, and then knows of none", sys::wait4(-1, nullptr, 0, nullptr));
}

GUEST_CASE(sigchld_with_sa_nocldwait_leaves_no_zombies) {
  static int seen;
  handle(SIGCHLD, [](int) { ++seen; }, SA_NOCLDWAIT | SA_RESTART);
  start_child([] { return 1; });
  show("wait4", sys::wait4(-1, nullptr, 0, nullptr));
  show("but the signal comes", seen);
}

GUEST_CASE(sigchld_tells_how_the_child_ended) {
  static siginfo_t seen;
  handle_with_info(SIGCHLD, [](int, siginfo_t* info, void*) { seen = *info; }, SA_RESTART);
  const int exited = start_child([] { return 66; });
  wait_for(exited);
  show_info("after exit", seen, exited);
  const int killed = start_sleeper();
  sys::kill(killed, SIGTERM);
  wait_for(killed);
  show_info("after kill", seen, killed);
}

GUEST_CASE(sigchld_comes_for_stops_unless_sa_nocldstop) {
  static int seen;
  // A stop can be waited for a moment before its signal comes.
  const auto show_seen = [](std::string_view what, int wanted) {
    while (load(seen) < wanted) sys::sched_yield();
    show(what, load(seen));
  };
  handle(SIGCHLD, [](int) { add(seen, 1); }, SA_RESTART);
  const int child = start_sleeper();
  sys::kill(child, SIGSTOP);
  sys::wait4(child, nullptr, WUNTRACED, nullptr);
  show_seen("for the stop", 1);
  sys::kill(child, SIGCONT);
  sys::wait4(child, nullptr, WCONTINUED, nullptr);
  show_seen("and for the continuation", 2);
  handle(SIGCHLD, [](int) { add(seen, 1); }, SA_RESTART | SA_NOCLDSTOP);
  sys::kill(child, SIGSTOP);
  sys::wait4(child, nullptr, WUNTRACED, nullptr);
  show_seen("not for a stop with SA_NOCLDSTOP", 2);
  sys::kill(child, SIGKILL);
  wait_for(child);
  show_seen("but for the end", 3);
}

}  // namespace weft::guest
