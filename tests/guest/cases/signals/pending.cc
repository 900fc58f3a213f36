// Blocked, pending, queued and awaited signals; signals to threads.
#include "guest/support/files.hh"
#include "guest/support/names.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

int g_count;

void count(int) { ++g_count; }

siginfo_t queued(int number, int value) {
  siginfo_t info{};
  info.si_signo = number;
  info.si_code = SI_QUEUE;
  info.si_pid = static_cast<int>(sys::getpid());
  info.si_int = value;
  return info;
}

long queue(int number, int value) {
  const siginfo_t info = queued(number, value);
  return sys::rt_sigqueueinfo(sys::getpid(), number, &info);
}

constexpr int k_first = SIGRTMIN;

}  // namespace

GUEST_CASE(sigprocmask_blocks_unblocks_and_sets) {
  SignalSet set = signal_set(SIGUSR1, SIGUSR2);
  SignalSet old = 1;
  show("block two", sys::rt_sigprocmask(SIG_BLOCK, &set, &old, 8));
  say("before: {:x}", old);
  set = signal_set(SIGUSR1);
  show("unblock one", sys::rt_sigprocmask(SIG_UNBLOCK, &set, &old, 8));
  check("both were blocked", old == signal_set(SIGUSR1, SIGUSR2));
  set = signal_set(SIGTERM);
  show("set", sys::rt_sigprocmask(SIG_SETMASK, &set, &old, 8));
  check("SIGUSR2 was left", old == signal_set(SIGUSR2));
  check("SIGTERM is blocked now", blocked_signals() == signal_set(SIGTERM));
}

GUEST_CASE(sigprocmask_cannot_block_sigkill_and_sigstop) {
  const SignalSet all = ~SignalSet{0};
  show("block all", sys::rt_sigprocmask(SIG_SETMASK, &all, nullptr, 8));
  say("not blocked: {:x}", ~blocked_signals());
}

GUEST_CASE(sigprocmask_errors) {
  SignalSet set = 0;
  show("unknown way", sys::rt_sigprocmask(3, &set, nullptr, 8));
  show("unknown way without a set", sys::rt_sigprocmask(3, nullptr, &set, 8));
  show("a set of another size", sys::rt_sigprocmask(SIG_BLOCK, &set, nullptr, 16));
  show("a bad old pointer", sys::rt_sigprocmask(SIG_BLOCK, nullptr, k_bad_pointer, 8));
}

GUEST_CASE(pending_signal_comes_when_it_is_unblocked) {
  handle(SIGUSR1, count);
  block(signal_set(SIGUSR1));
  raise(SIGUSR1);
  show("blocked", g_count);
  unblock(signal_set(SIGUSR1));
  show("unblocked", g_count);
}

GUEST_CASE(pending_ordinary_signal_is_kept_once) {
  handle(SIGUSR1, count);
  block(signal_set(SIGUSR1));
  for (int index = 0; index < 5; ++index) raise(SIGUSR1);
  unblock(signal_set(SIGUSR1));
  show("handled", g_count);
}

GUEST_CASE(pending_in_thread_and_process_are_two) {
  handle(SIGUSR1, count);
  block(signal_set(SIGUSR1));
  raise(SIGUSR1);
  sys::kill(sys::getpid(), SIGUSR1);
  unblock(signal_set(SIGUSR1));
  show("handled", g_count);
}

GUEST_CASE(pending_signals_come_lowest_number_first) {
  // Each handler blocks the others, or the later ones would interrupt the earlier.
  const SignalSet all = signal_set(SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, k_first, k_first + 1);
  for (const int number : {SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, k_first, k_first + 1}) {
    handle(number, [](int number) { say("{}", signal_name(number)); }, 0, all);
  }
  block(all);
  for (const int number : {k_first + 1, SIGTERM, k_first, SIGUSR2, SIGHUP, SIGUSR1}) raise(number);
  unblock(all);
}

GUEST_CASE(pending_fault_signals_come_first) {
  const SignalSet all = signal_set(SIGHUP, SIGSEGV);
  handle(SIGHUP, [](int) { say("SIGHUP"); }, 0, all);
  handle(SIGSEGV, [](int) { say("SIGSEGV"); }, 0, all);
  block(all);
  raise(SIGHUP);
  raise(SIGSEGV);
  unblock(all);
}

GUEST_CASE(pending_signal_is_dropped_when_it_becomes_ignored) {
  block(signal_set(SIGUSR1));
  raise(SIGUSR1);
  check("pending", pending_signals() == signal_set(SIGUSR1));
  ignore(SIGUSR1);
  check("not any more", pending_signals() == 0);
}

GUEST_CASE(pending_sigchld_survives_its_default_action_while_blocked) {
  block(signal_set(SIGCHLD));
  wait_for(start_child([] {}));
  check("pending", pending_signals() == signal_set(SIGCHLD));
  restore_default(SIGCHLD);
  check("setting the default again drops it", pending_signals() == 0);
}

GUEST_CASE(sigpending_errors) {
  SignalSet set;
  show("a set too large", sys::rt_sigpending(&set, 16));
  show("a bad pointer", sys::rt_sigpending(k_bad_pointer, 8));
}

GUEST_CASE(queued_real_time_signals_come_all_and_in_order) {
  handle_with_info(
      k_first,
      [](int number, siginfo_t* info, void*) {
        say("{} with {}, SI_QUEUE {}", signal_name(number), info->si_int,
            info->si_code == SI_QUEUE);
      },
      0, signal_set(k_first, k_first + 1));
  handle_with_info(
      k_first + 1,
      [](int number, siginfo_t* info, void*) {
        say("{} with {}", signal_name(number), info->si_int);
      },
      0, signal_set(k_first, k_first + 1));
  block(signal_set(k_first, k_first + 1));
  queue(k_first + 1, 100);
  for (int value = 1; value <= 4; ++value) queue(k_first, value);
  queue(k_first + 1, 101);
  unblock(signal_set(k_first, k_first + 1));
}

GUEST_CASE(queued_ordinary_signal_is_kept_once_with_the_first_value) {
  handle_with_info(SIGUSR1, [](int, siginfo_t* info, void*) { say("value {}", info->si_int); });
  block(signal_set(SIGUSR1));
  show("first", queue(SIGUSR1, 1));
  show("second", queue(SIGUSR1, 2));
  unblock(signal_set(SIGUSR1));
}

GUEST_CASE(queued_signals_are_limited_by_rlimit_sigpending) {
  show_child("child", [] {
    block(signal_set(k_first));
    const rlimit limit{0, 0};
    must("prlimit64", sys::prlimit64(0, RLIMIT_SIGPENDING, &limit, nullptr));
    show("queue", queue(k_first, 1));
    show("kill of an ordinary one works", sys::kill(sys::getpid(), SIGCHLD));
  });
}

GUEST_CASE(sigqueueinfo_errors) {
  siginfo_t info = queued(SIGUSR1, 1);
  show("nobody", sys::rt_sigqueueinfo(12345678, SIGUSR1, &info));
  show("a signal that doesn't exist", sys::rt_sigqueueinfo(sys::getpid(), 65, &info));
  show("a bad pointer", sys::rt_sigqueueinfo(sys::getpid(), SIGUSR1, k_bad_pointer));
  show("signal 0 only asks", sys::rt_sigqueueinfo(sys::getpid(), 0, &info));
  const int child = start_child([] {
    for (;;) sys::pause();
  });
  info.si_code = SI_USER;
  show("a code that only the kernel may use, to another",
       sys::rt_sigqueueinfo(child, SIGUSR1, &info));
  sys::kill(child, SIGKILL);
}

GUEST_CASE(sigtimedwait_takes_a_pending_signal) {
  handle(SIGUSR1, count);
  block(signal_set(SIGUSR1, SIGUSR2));
  raise(SIGUSR2);
  raise(SIGUSR1);
  const SignalSet wanted = signal_set(SIGUSR1, SIGUSR2);
  siginfo_t info{};
  show("first", sys::rt_sigtimedwait(&wanted, &info, nullptr, 8));
  say("{}, SI_TKILL {}", signal_name(info.si_signo), info.si_code == SI_TKILL);
  show("second", sys::rt_sigtimedwait(&wanted, nullptr, nullptr, 8));
  check("nothing is pending", pending_signals() == 0);
  show("no handler was called", g_count);
}

GUEST_CASE(sigtimedwait_takes_queued_signals_in_order) {
  block(signal_set(k_first));
  for (int value = 1; value <= 3; ++value) queue(k_first, value);
  const SignalSet wanted = signal_set(k_first);
  for (int index = 0; index < 3; ++index) {
    siginfo_t info{};
    sys::rt_sigtimedwait(&wanted, &info, nullptr, 8);
    show("value", info.si_int);
  }
}

GUEST_CASE(sigtimedwait_times_out) {
  const SignalSet wanted = signal_set(SIGUSR1);
  block(wanted);
  const timespec none{0, 0};
  const timespec some{0, 2'000'000};
  const timespec nonsense{0, 1'000'000'000};
  show("at once", sys::rt_sigtimedwait(&wanted, nullptr, &none, 8));
  show("after 2 ms", sys::rt_sigtimedwait(&wanted, nullptr, &some, 8));
  show("a bad time", sys::rt_sigtimedwait(&wanted, nullptr, &nonsense, 8));
  show("a bad set size", sys::rt_sigtimedwait(&wanted, nullptr, &none, 4));
}

GUEST_CASE(sigtimedwait_waits_for_a_signal) {
  const int child = start_child([] {
    const SignalSet wanted = signal_set(SIGUSR1);
    block(wanted);
    siginfo_t info{};
    show("the child got", sys::rt_sigtimedwait(&wanted, &info, nullptr, 8));
    check("from its parent", info.si_pid == sys::getppid());
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  show_status("child", wait_for(child));
}

GUEST_CASE(sigtimedwait_is_interrupted_by_another_signal) {
  const int child = start_child([] {
    handle(SIGUSR2, count);
    const SignalSet wanted = signal_set(SIGUSR1);
    block(wanted);
    show("sigtimedwait", sys::rt_sigtimedwait(&wanted, nullptr, nullptr, 8));
    show("handled", g_count);
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR2));
  show_status("child", wait_for(child));
}

GUEST_CASE(sigsuspend_waits_with_another_mask) {
  handle(SIGUSR1, count);
  handle(SIGUSR2, count);
  block(signal_set(SIGUSR1));
  raise(SIGUSR1);
  const SignalSet during = signal_set(SIGUSR2);
  show("sigsuspend", sys::rt_sigsuspend(&during, 8));
  show("handled", g_count);
  check("the old mask is back", blocked_signals() == signal_set(SIGUSR1));
}

GUEST_CASE(sigsuspend_goes_on_waiting_after_an_ignored_signal) {
  const int child = start_child([] {
    handle(SIGUSR1, count);
    ignore(SIGUSR2);
    const SignalSet none = 0;
    show("sigsuspend", sys::rt_sigsuspend(&none, 8));
    show("handled", g_count);
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR2));
  must("kill", sys::kill(child, SIGWINCH));
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  show_status("child", wait_for(child));
}

GUEST_CASE(sigsuspend_errors) {
  const SignalSet none = 0;
  show("a set of another size", sys::rt_sigsuspend(&none, 4));
  show("a bad pointer", sys::rt_sigsuspend(k_bad_pointer, 8));
}

GUEST_CASE(pause_returns_after_a_handler) {
  const int child = start_child([] {
    handle(SIGUSR1, count, SA_RESTART);  // pause is never restarted
    show("pause", sys::pause());
    show("handled", g_count);
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  show_status("child", wait_for(child));
}

GUEST_CASE(tgkill_errors) {
  const long pid = sys::getpid();
  show("a thread of nobody", sys::tgkill(pid, 12345678, SIGUSR1));
  show("a thread of another process", sys::tgkill(1, pid, SIGUSR1));
  show("a negative thread", sys::tgkill(pid, -1, SIGUSR1));
  show("a negative process", sys::tgkill(-1, pid, SIGUSR1));
  show("a signal that doesn't exist", sys::tgkill(pid, pid, 65));
  show("signal 0", sys::tgkill(pid, pid, 0));
  show("tkill of nobody", sys::tkill(12345678, SIGUSR1));
  show("tkill of 0", sys::tkill(0, SIGUSR1));
}

GUEST_CASE(thread_gets_the_signal_meant_for_it) {
  static int handler_thread;
  handle(SIGUSR1, [](int) { handler_thread = static_cast<int>(sys::gettid()); });
  Gate ready{};
  Gate end{};
  Thread thread([&] {
    ready.open();
    end.pass();
  });
  ready.pass();
  must("tgkill", sys::tgkill(sys::getpid(), thread.tid(), SIGUSR1));
  while (__atomic_load_n(&handler_thread, __ATOMIC_SEQ_CST) == 0) sys::sched_yield();
  check("it ran there", handler_thread == thread.tid());
  end.open();
}

GUEST_CASE(thread_that_blocks_a_signal_leaves_it_to_another) {
  static int handler_thread;
  handle(SIGUSR1, [](int) { handler_thread = static_cast<int>(sys::gettid()); });
  Gate end{};
  Thread thread([&] { end.pass(); });  // has inherited an empty mask
  block(signal_set(SIGUSR1));
  must("kill", sys::kill(sys::getpid(), SIGUSR1));
  while (__atomic_load_n(&handler_thread, __ATOMIC_SEQ_CST) == 0) sys::sched_yield();
  check("the other thread handled it", handler_thread == thread.tid());
  end.open();
}

GUEST_CASE(thread_masks_are_their_own) {
  block(signal_set(SIGUSR1));
  Thread thread([] {
    check("inherited", blocked_signals() == signal_set(SIGUSR1));
    unblock(signal_set(SIGUSR1));
    block(signal_set(SIGUSR2));
  });
  thread.join();
  check("ours is unchanged", blocked_signals() == signal_set(SIGUSR1));
}

GUEST_CASE(thread_fault_is_handled_by_that_thread) {
  static int handler_thread;
  handle(SIGSEGV, [](int) {
    handler_thread = static_cast<int>(sys::gettid());
    sys::exit(0);
  });
  int tid = 0;
  {
    Thread thread([] { *static_cast<volatile char*>(k_bad_pointer) = 1; });
    tid = thread.tid();
  }
  check("it was", handler_thread == tid);
}

GUEST_CASE(thread_fault_kills_the_whole_process) {
  show_child("child", [] {
    Gate never{};
    Thread thread([] { *static_cast<volatile char*>(k_bad_pointer) = 1; });
    never.pass();
  });
}

GUEST_CASE(thread_stop_stops_all_threads) {
  Shared<int> steps;
  const int child = start_child([&] {
    Gate never{};
    Thread spinning([&] {
      for (;;) add(*steps, 1);
    });
    never.pass();
  });
  while (load(*steps) == 0) sys::sched_yield();
  must("kill", sys::kill(child, SIGSTOP));
  sys::wait4(child, nullptr, WUNTRACED, nullptr);
  const int seen = load(*steps);
  for (int index = 0; index < 50; ++index) sys::sched_yield();
  check("it stands still", load(*steps) == seen);
  must("kill", sys::kill(child, SIGCONT));
  while (load(*steps) == seen) sys::sched_yield();
  say("it goes on");
  sys::kill(child, SIGKILL);
  show_status("child", wait_for(child));
}

}  // namespace weft::guest
