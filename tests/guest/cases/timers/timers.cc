// Interval timers, alarm, POSIX timers and timerfd.
#include "guest/support/clock.hh"
#include "guest/support/files.hh"
#include "guest/support/names.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

int g_count;

void count(int) { ++g_count; }

// Waits until that many signals were handled. Their number is blocked in between.
void wait_for_count(int number, int wanted) {
  block(signal_set(number));
  const SignalSet none = 0;
  while (g_count < wanted) sys::rt_sigsuspend(&none, 8);
}

long make_timer(int clock, int notify, int number, int* timer, int value = 0) {
  sigevent event{};
  event.sigev_notify = notify;
  event.sigev_signo = number;
  event.sigev_value.sival_int = value;
  return sys::timer_create(clock, &event, timer);
}

itimerspec after(long long first, long long interval = 0) {
  return {time_of(interval), time_of(first)};
}

}  // namespace

GUEST_CASE(alarm_sends_sigalrm) {
  show_child("child", [] {
    const itimerval soon{{0, 0}, {0, 2'000}};
    must("setitimer", sys::setitimer(ITIMER_REAL, &soon, nullptr));
    for (;;) sys::pause();
  });
}

GUEST_CASE(alarm_gives_the_rest_of_the_old_one) {
  show("first", sys::alarm(100));
  show("second", sys::alarm(50));
  show("none", sys::alarm(0));
  show("again none", sys::alarm(0));
}

GUEST_CASE(itimer_real_repeats) {
  handle(SIGALRM, count);
  const itimerval often{{0, 1'000}, {0, 1'000}};
  long set = -1;
  const long long lasted = duration_of([&] {
    set = sys::setitimer(ITIMER_REAL, &often, nullptr);
    wait_for_count(SIGALRM, 5);
  });
  show("setitimer", set);
  check("5 times, not too early", lasted >= 5 * k_millisecond_ns);
}

GUEST_CASE(itimer_get_and_disarm) {
  const itimerval later{{7, 0}, {1000, 0}};
  itimerval old{{9, 9}, {9, 9}};
  show("set", sys::setitimer(ITIMER_REAL, &later, &old));
  say("the old one: {} {}", old.it_value.tv_sec, old.it_interval.tv_sec);
  show("get", sys::getitimer(ITIMER_REAL, &old));
  check("it runs", old.it_value.tv_sec > 900 && old.it_value.tv_sec <= 1000);
  show("its interval", old.it_interval.tv_sec);
  show("disarm", sys::setitimer(ITIMER_REAL, nullptr, nullptr));
  must("getitimer", sys::getitimer(ITIMER_REAL, &old));
  say("{} {}", old.it_value.tv_sec, old.it_value.tv_usec);
}

GUEST_CASE(itimer_virtual_and_prof_count_cpu_time) {
  handle(SIGVTALRM, count);
  const itimerval soon{{0, 0}, {0, 10'000}};
  show("virtual", sys::setitimer(ITIMER_VIRTUAL, &soon, nullptr));
  while (*static_cast<volatile int*>(&g_count) == 0) {
  }
  say("SIGVTALRM came");
  handle(SIGPROF, count);
  show("prof", sys::setitimer(ITIMER_PROF, &soon, nullptr));
  while (*static_cast<volatile int*>(&g_count) == 1) sys::getppid();
  say("SIGPROF came");
}

GUEST_CASE(itimer_errors) {
  const itimerval bad{{0, 0}, {0, 1'000'000}};
  itimerval room{};
  show("a bad time", sys::setitimer(ITIMER_REAL, &bad, nullptr));
  show("an unknown one", sys::setitimer(5, &room, nullptr));
  show("get of an unknown one", sys::getitimer(5, &room));
}

GUEST_CASE(itimer_survives_execve) {
  const itimerval soon{{0, 0}, {0, 5'000}};
  show_child("executed", [&] {
    must("setitimer", sys::setitimer(ITIMER_REAL, &soon, nullptr));
    const char* const arguments[] = {"helper", "pause", nullptr};
    return static_cast<int>(sys::execve("/guest/helper", arguments, nullptr));
  });
}

GUEST_CASE(timer_signals_with_a_value) {
  static siginfo_t seen;
  handle_with_info(SIGUSR1, [](int, siginfo_t* info, void*) {
    seen = *info;
    ++g_count;
  });
  int timer = -1;
  show("timer_create", make_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &timer, 4711));
  const itimerspec soon = after(k_millisecond_ns);
  show("timer_settime", sys::timer_settime(timer, 0, &soon, nullptr));
  wait_for_count(SIGUSR1, 1);
  check("SI_TIMER", seen.si_code == SI_TIMER);
  show("value", seen.si_int);
  check("the timer's id", seen.si_tid == timer);
  show("overrun", seen.si_overrun);
  show("timer_delete", sys::timer_delete(timer));
  show("again", sys::timer_delete(timer));
}

GUEST_CASE(timer_defaults_to_sigalrm) {
  handle(SIGALRM, count);
  int timer = -1;
  show("timer_create", sys::timer_create(CLOCK_REALTIME, nullptr, &timer));
  const itimerspec soon = after(k_millisecond_ns);
  must("timer_settime", sys::timer_settime(timer, 0, &soon, nullptr));
  wait_for_count(SIGALRM, 1);
  say("SIGALRM came");
}

GUEST_CASE(timer_absolute_and_in_the_past) {
  handle(SIGUSR1, count);
  int timer = -1;
  must("timer_create", make_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &timer));
  const long long deadline = clock_now() + 2 * k_millisecond_ns;
  itimerspec time = after(deadline);
  show("absolute", sys::timer_settime(timer, TIMER_ABSTIME, &time, nullptr));
  wait_for_count(SIGUSR1, 1);
  check("not before", clock_now() >= deadline);
  time = after(1);
  show("the past", sys::timer_settime(timer, TIMER_ABSTIME, &time, nullptr));
  wait_for_count(SIGUSR1, 2);
  say("at once");
}

GUEST_CASE(timer_overruns_are_counted) {
  // The signal is blocked while the timer goes off again and again: it is pending once.
  handle(SIGUSR1, count);
  block(signal_set(SIGUSR1));
  int timer = -1;
  must("timer_create", make_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &timer));
  const itimerspec often = after(k_millisecond_ns, k_millisecond_ns);
  must("timer_settime", sys::timer_settime(timer, 0, &often, nullptr));
  const timespec deadline = time_of(clock_now() + 10 * k_millisecond_ns);
  sys::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
  const SignalSet wanted = signal_set(SIGUSR1);
  siginfo_t info{};
  show("signal", sys::rt_sigtimedwait(&wanted, &info, nullptr, 8));
  check("overruns", info.si_overrun >= 8);
  check("timer_getoverrun says the same", sys::timer_getoverrun(timer) == info.si_overrun);
}

GUEST_CASE(timer_gettime_and_disarm) {
  int timer = -1;
  must("timer_create", make_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &timer));
  itimerspec now{};
  show("at first", sys::timer_gettime(timer, &now));
  say("{} {}", now.it_value.tv_sec, now.it_interval.tv_sec);
  const itimerspec later{{5, 0}, {1000, 0}};
  show("set", sys::timer_settime(timer, 0, &later, nullptr));
  must("timer_gettime", sys::timer_gettime(timer, &now));
  check("it runs", now.it_value.tv_sec >= 990 && now.it_value.tv_sec <= 1000);
  show("its interval", now.it_interval.tv_sec);
  const itimerspec none{};
  itimerspec old{};
  show("disarm", sys::timer_settime(timer, 0, &none, &old));
  check("the old one", old.it_value.tv_sec >= 990);
  must("timer_gettime", sys::timer_gettime(timer, &now));
  say("{} {}", now.it_value.tv_sec, now.it_value.tv_nsec);
}

GUEST_CASE(timer_of_the_cpu_clock) {
  handle(SIGUSR1, count);
  int timer = -1;
  show("timer_create", make_timer(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1, &timer));
  const itimerspec soon = after(10 * k_millisecond_ns);
  must("timer_settime", sys::timer_settime(timer, 0, &soon, nullptr));
  while (*static_cast<volatile int*>(&g_count) == 0) {
  }
  check("CPU time was used", clock_now(CLOCK_PROCESS_CPUTIME_ID) >= 10 * k_millisecond_ns);
}

GUEST_CASE(timer_to_one_thread) {
  static int handler_thread;
  handle(SIGUSR1, [](int) {
    handler_thread = static_cast<int>(sys::gettid());
    ++g_count;
  });
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGUSR1;
  event._sigev_un._tid = static_cast<int>(sys::gettid());
  int timer = -1;
  show("timer_create", sys::timer_create(CLOCK_MONOTONIC, &event, &timer));
  const itimerspec soon = after(k_millisecond_ns);
  must("timer_settime", sys::timer_settime(timer, 0, &soon, nullptr));
  wait_for_count(SIGUSR1, 1);
  check("it was", handler_thread == sys::gettid());
  event._sigev_un._tid = 1;
  show("to a thread of another process", sys::timer_create(CLOCK_MONOTONIC, &event, &timer));
}

GUEST_CASE(timer_errors) {
  int timer = -1;
  itimerspec time = after(1);
  show("an unknown clock", make_timer(50, SIGEV_SIGNAL, SIGUSR1, &timer));
  show("an unknown signal", make_timer(CLOCK_MONOTONIC, SIGEV_SIGNAL, 100, &timer));
  show("an unknown way", make_timer(CLOCK_MONOTONIC, 77, SIGUSR1, &timer));
  show("a bad event", sys::timer_create(CLOCK_MONOTONIC, k_bad_pointer, &timer));
  show("a bad id pointer", sys::timer_create(CLOCK_MONOTONIC, nullptr, k_bad_pointer));
  show("settime of nothing", sys::timer_settime(1000, 0, &time, nullptr));
  show("gettime of nothing", sys::timer_gettime(1000, &time));
  show("overrun of nothing", sys::timer_getoverrun(1000));
  must("timer_create", make_timer(CLOCK_MONOTONIC, SIGEV_NONE, 0, &timer));
  time.it_value.tv_nsec = 1'000'000'000;
  show("a bad time", sys::timer_settime(timer, 0, &time, nullptr));
  show("no time", sys::timer_settime(timer, 0, nullptr, nullptr));
}

GUEST_CASE(timer_is_not_inherited) {
  int timer = -1;
  must("timer_create", make_timer(CLOCK_MONOTONIC, SIGEV_NONE, 0, &timer));
  show_child("child", [&] {
    itimerspec time{};
    show("gettime", sys::timer_gettime(timer, &time));
  });
}

GUEST_CASE(timerfd_counts_what_went_by) {
  const int fd = static_cast<int>(sys::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  show("timerfd_create", fd);
  const itimerspec often = after(k_millisecond_ns, k_millisecond_ns);
  show("settime", sys::timerfd_settime(fd, 0, &often, nullptr));
  const timespec deadline = time_of(clock_now() + 5 * k_millisecond_ns);
  sys::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
  uint64_t times = 0;
  show("read", sys::read(fd, &times, sizeof times));
  check("4 or more", times >= 4);
  show("a short read", sys::read(fd, &times, 4));
}

GUEST_CASE(timerfd_blocks_polls_and_disarms) {
  const int fd =
      static_cast<int>(must("timerfd_create", sys::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)));
  uint64_t times = 0;
  show("read of one that isn't armed", sys::read(fd, &times, sizeof times));
  const itimerspec soon = after(2 * k_millisecond_ns);
  must("settime", sys::timerfd_settime(fd, 0, &soon, nullptr));
  pollfd one{fd, POLLIN, 0};
  show("poll", sys::poll(&one, 1, -1));
  show("events", one.revents);
  show("read", sys::read(fd, &times, sizeof times));
  show("times", static_cast<long>(times));
  itimerspec now{};
  show("gettime", sys::timerfd_gettime(fd, &now));
  say("{} {}", now.it_value.tv_sec, now.it_value.tv_nsec);
  show("unknown flags", sys::timerfd_create(CLOCK_MONOTONIC, 1));
  show("an unknown clock", sys::timerfd_create(77, 0));
  show("settime of something else", sys::timerfd_settime(1, 0, &soon, nullptr));
}

}  // namespace weft::guest
