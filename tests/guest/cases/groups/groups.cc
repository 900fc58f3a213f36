// Process groups and sessions, and signals to groups.
#include "guest/support/execute.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

int start_sleeper() {
  return start_child([] {
    for (;;) sys::pause();
  });
}

}  // namespace

GUEST_CASE(group_is_inherited) {
  const long group = sys::getpgrp();
  const long session = sys::getsid(0);
  show_child("child", [&] {
    check("the same group", sys::getpgrp() == group && sys::getpgid(0) == group);
    check("the same session", sys::getsid(0) == session);
  });
}

GUEST_CASE(group_a_child_can_have_its_own) {
  show_child("child", [] {
    show("setpgid(0, 0)", sys::setpgid(0, 0));
    check("its id is the leader's", sys::getpgrp() == sys::getpid());
  });
  const int child = start_sleeper();
  show("the parent may do it, too", sys::setpgid(child, 0));
  check("and can see it", sys::getpgid(child) == child);
  sys::kill(child, SIGKILL);
}

GUEST_CASE(group_a_second_member_joins) {
  const int leader = start_sleeper();
  const int member = start_sleeper();
  must("setpgid", sys::setpgid(leader, leader));
  show("join", sys::setpgid(member, leader));
  check("one group", sys::getpgid(member) == leader);
  must("kill", sys::kill(-leader, SIGTERM));
  show_status("leader", wait_for(leader));
  show_status("member", wait_for(member));
}

GUEST_CASE(setpgid_errors) {
  const int child = start_sleeper();
  show("a negative group", sys::setpgid(child, -1));
  show("a group of nobody", sys::setpgid(child, 12345678));
  show("process 1 is not our child", sys::setpgid(1, 1));
  show("a process that doesn't exist", sys::setpgid(12345678, 0));
  show("a session leader stays", sys::setpgid(0, 0));
  must("setpgid", sys::setpgid(child, child));
  const int stranger = start_child([] {
    sys::setsid();
    for (;;) sys::pause();
  });
  wait_until_blocked(stranger);
  show("a child in another session", sys::setpgid(stranger, 0));
  sys::kill(child, SIGKILL);
  sys::kill(stranger, SIGKILL);
}

GUEST_CASE(setpgid_of_a_child_that_has_executed) {
  // The writing end is marked close-on-exec: its end of file says that the child has executed.
  Pipe pipe(O_CLOEXEC);
  const int child = start_child([] { return execute({"pause"}, {}); });
  pipe.close_writer();
  char byte;
  show("end of file", sys::read(pipe.reader, &byte, 1));
  show("setpgid", sys::setpgid(child, child));
  sys::kill(child, SIGKILL);
  wait_for(child);
}

GUEST_CASE(getpgid_and_getsid_errors) {
  show("getpgid of nobody", sys::getpgid(12345678));
  show("getsid of nobody", sys::getsid(12345678));
  show("getpgid of -1", sys::getpgid(-1));
}

GUEST_CASE(setsid_makes_a_session_and_a_group) {
  show_child("child", [] {
    check("setsid gives the new session's id", sys::setsid() == sys::getpid());
    check("its session", sys::getsid(0) == sys::getpid());
    check("its group", sys::getpgrp() == sys::getpid());
    show("again", sys::setsid());
  });
}

GUEST_CASE(setsid_is_refused_to_a_group_leader) {
  show_child("child", [] {
    must("setpgid", sys::setpgid(0, 0));
    show("setsid", sys::setsid());
  });
}

GUEST_CASE(kill_own_group_with_zero) {
  const int child = start_child([] {
    must("setpgid", sys::setpgid(0, 0));
    const int member = start_sleeper();
    wait_until_blocked(member);
    handle(SIGUSR1, [](int) { say("the leader got it"); });
    must("kill", sys::kill(0, SIGUSR1));
    show_status("member", wait_for(member));
  });
  show_status("leader", wait_for(child));
}

GUEST_CASE(kill_a_group_of_nobody) { show("kill", sys::kill(-12345678, SIGTERM)); }

GUEST_CASE(kill_with_signal_0_only_asks) {
  const int child = start_sleeper();
  show("a child", sys::kill(child, 0));
  show("oneself", sys::kill(sys::getpid(), 0));
  show("nobody", sys::kill(12345678, 0));
  show("a signal that doesn't exist", sys::kill(child, 65));
  show("-1", sys::kill(child, -1));
  sys::kill(child, SIGKILL);
}

GUEST_CASE(orphaned_group_with_a_stopped_member_gets_sighup_and_sigcont) {
  Pipe pipe;
  const int leader = start_child([&] {
    must("setpgid", sys::setpgid(0, 0));
    const int member = start_child([&] {
      static int writer = pipe.writer;
      handle(SIGHUP, [](int) { sys::write(writer, "SIGHUP ", 7); });
      handle(SIGCONT, [](int) { sys::write(writer, "SIGCONT ", 8); });
      sys::write(pipe.writer, "ready ", 6);
      sys::kill(sys::getpid(), SIGSTOP);
    });
    wait_until_state(member, 'T');
  });
  pipe.close_writer();
  wait_for(leader);
  char text[64] = {};
  long length = 0;
  for (long count = 1; count > 0; length += count) {
    count = sys::read(pipe.reader, text + length, 60 - length);
  }
  const std::string_view all(text);
  check("ready", all.starts_with("ready "));
  check("SIGHUP came", all.find("SIGHUP") != std::string_view::npos);
  check("SIGCONT came", all.find("SIGCONT") != std::string_view::npos);
}

GUEST_CASE(stop_signals_stop_and_only_sigcont_goes_on) {
  for (const int number : {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU}) {
    const int child = start_child([] {
      handle(SIGUSR1, [](int) { sys::exit_group(1); });
      for (;;) sys::pause();
    });
    // In a group that isn't orphaned, or the terminal's stop signals would do nothing.
    sys::setpgid(child, child);
    wait_until_blocked(child);
    int status = 0;
    must("kill", sys::kill(child, number));
    sys::wait4(child, &status, WUNTRACED, nullptr);
    show_status("child", status);
    must("kill", sys::kill(child, SIGUSR1));
    show("a signal waits while it is stopped", sys::wait4(child, &status, WNOHANG, nullptr));
    must("kill", sys::kill(child, SIGCONT));
    show_status("when continued", wait_for(child));
  }
}

GUEST_CASE(stop_signals_of_the_terminal_do_nothing_in_an_orphaned_group) {
  // The case itself leads its session, and its parent is in another: its group is an orphan.
  show("SIGTSTP", sys::kill(sys::getpid(), SIGTSTP));
  show("SIGTTIN", sys::kill(sys::getpid(), SIGTTIN));
  show("SIGTTOU", sys::kill(sys::getpid(), SIGTTOU));
  say("still running");
}

GUEST_CASE(stopped_process_can_be_killed) {
  const int child = start_sleeper();
  sys::kill(child, SIGSTOP);
  wait_until_state(child, 'T');
  sys::kill(child, SIGKILL);
  show_status("child", wait_for(child));
}

GUEST_CASE(sigcont_takes_pending_stops_away_and_the_other_way_round) {
  const int child = start_child([] {
    block(signal_set(SIGTSTP, SIGCONT));
    raise(SIGTSTP);
    check("the stop is pending", pending_signals() == signal_set(SIGTSTP));
    raise(SIGCONT);
    check("now only the continuation is", pending_signals() == signal_set(SIGCONT));
    raise(SIGTSTP);
    check("and now only the stop", pending_signals() == signal_set(SIGTSTP));
  });
  show_status("child", wait_for(child));
}

}  // namespace weft::guest
