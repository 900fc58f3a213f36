// Clocks, and sleeping by them.
#include "guest/support/clock.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/thread.hh"

namespace weft::guest {

GUEST_CASE(clock_gettime_knows_its_clocks) {
  timespec time{};
  show("REALTIME", sys::clock_gettime(CLOCK_REALTIME, &time));
  show("MONOTONIC", sys::clock_gettime(CLOCK_MONOTONIC, &time));
  show("PROCESS_CPUTIME_ID", sys::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time));
  show("THREAD_CPUTIME_ID", sys::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time));
  show("MONOTONIC_RAW", sys::clock_gettime(CLOCK_MONOTONIC_RAW, &time));
  show("REALTIME_COARSE", sys::clock_gettime(CLOCK_REALTIME_COARSE, &time));
  show("MONOTONIC_COARSE", sys::clock_gettime(CLOCK_MONOTONIC_COARSE, &time));
  show("BOOTTIME", sys::clock_gettime(CLOCK_BOOTTIME, &time));
  show("an unknown one", sys::clock_gettime(50, &time));
  show("no pointer", sys::clock_gettime(CLOCK_REALTIME, nullptr));
}

GUEST_CASE(clock_monotonic_never_goes_back) {
  long long last = clock_now();
  bool good = true;
  for (int round = 0; round < 10'000; ++round) {
    const long long now = clock_now();
    good = good && now >= last;
    last = now;
  }
  check("10000 readings", good);
}

GUEST_CASE(clock_monotonic_agrees_between_threads) {
  long long first = clock_now();
  long long second = 0;
  Thread thread([&] { second = clock_now(); });
  thread.join();
  check("later in the thread", second >= first);
  check("later still here", clock_now() >= second);
}

GUEST_CASE(clock_nanoseconds_are_below_a_thousand_million) {
  bool good = true;
  for (int round = 0; round < 1000; ++round) {
    timespec time{};
    sys::clock_gettime(CLOCK_REALTIME, &time);
    good = good && time.tv_nsec >= 0 && time.tv_nsec < 1'000'000'000;
  }
  check("all", good);
}

GUEST_CASE(clock_getres_of_each) {
  timespec resolution{};
  for (const int clock :
       {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID}) {
    show("clock_getres", sys::clock_getres(clock, &resolution));
    check("at most 10 ms",
          resolution.tv_sec == 0 && resolution.tv_nsec > 0 && resolution.tv_nsec <= 10'000'000);
  }
  show("no pointer is fine", sys::clock_getres(CLOCK_MONOTONIC, nullptr));
  show("an unknown one", sys::clock_getres(50, &resolution));
}

GUEST_CASE(clock_time_gettimeofday_and_realtime_agree) {
  const long seconds = sys::time(nullptr);
  long stored = 0;
  const long again = sys::time(&stored);
  check("time stores what it returns", stored == again);
  timeval value{};
  show("gettimeofday", sys::gettimeofday(&value, nullptr));
  check("microseconds", value.tv_usec >= 0 && value.tv_usec < 1'000'000);
  check("within a minute of each other",
        value.tv_sec - seconds >= 0 && value.tv_sec - seconds < 60);
  check("after the year 2000", seconds > 946'684'800);
}

GUEST_CASE(clock_of_the_cpu_counts_work_and_not_sleep) {
  const timespec some{0, 5'000'000};
  const long long before = clock_now(CLOCK_PROCESS_CPUTIME_ID);
  burn_cpu(5 * k_millisecond_ns);
  const long long worked = clock_now(CLOCK_PROCESS_CPUTIME_ID) - before;
  check("work counts", worked >= 5 * k_millisecond_ns);
  const long long asleep = clock_now(CLOCK_THREAD_CPUTIME_ID);
  const long long elapsed = duration_of([&] {
    for (int round = 0; round < 4; ++round) sys::nanosleep(&some, nullptr);
  });
  check("sleep counts for less than it lasts",
        clock_now(CLOCK_THREAD_CPUTIME_ID) - asleep < elapsed);
}

GUEST_CASE(clock_of_a_thread_is_its_own) {
  long long in_thread = 0;
  Thread thread([&] {
    burn_cpu(5 * k_millisecond_ns);
    in_thread = clock_now(CLOCK_THREAD_CPUTIME_ID);
  });
  thread.join();
  check("the thread's", in_thread >= 5 * k_millisecond_ns);
  check("is part of the process's", clock_now(CLOCK_PROCESS_CPUTIME_ID) >= in_thread);
}

GUEST_CASE(nanosleep_lasts_at_least_as_long_as_asked) {
  for (const long wanted : {1L, 1'000L, 1'000'000L, 5'000'000L}) {
    const timespec time{0, wanted};
    long result = -1;
    const long long lasted = duration_of([&] { result = sys::nanosleep(&time, nullptr); });
    show(Text<30>("{} ns", wanted).view(), result);
    check("long enough", lasted >= wanted);
  }
}

GUEST_CASE(nanosleep_errors) {
  const timespec bad[] = {{0, 1'000'000'000}, {0, -1}, {-1, 0}};
  for (const timespec& time : bad) show("nanosleep", sys::nanosleep(&time, nullptr));
  const timespec none{0, 0};
  show("of nothing", sys::nanosleep(&none, nullptr));
}

GUEST_CASE(clock_nanosleep_relative_and_absolute) {
  const timespec relative{0, 2'000'000};
  for (const int clock : {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
    show("relative", sys::clock_nanosleep(clock, 0, &relative, nullptr));
    const timespec deadline = time_of(clock_now(clock) + 2 * k_millisecond_ns);
    show("absolute", sys::clock_nanosleep(clock, TIMER_ABSTIME, &deadline, nullptr));
    check("not before", clock_now(clock) >= nanoseconds(deadline));
    const timespec past{1, 0};
    show("the past", sys::clock_nanosleep(clock, TIMER_ABSTIME, &past, nullptr));
  }
}

GUEST_CASE(clock_nanosleep_errors) {
  const timespec some{0, 1};
  const timespec bad{0, 1'000'000'000};
  show("a bad time", sys::clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, nullptr));
  show("an unknown clock", sys::clock_nanosleep(50, 0, &some, nullptr));
  show("a thread's CPU clock", sys::clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &some, nullptr));
  show("a bad pointer", sys::clock_nanosleep(CLOCK_MONOTONIC, 0, k_bad_pointer, nullptr));
}

GUEST_CASE(times_counts_in_hundredths) {
  tms used{};
  const long first = sys::times(&used);
  burn_cpu(30 * k_millisecond_ns);
  const long second = sys::times(&used);
  check("it goes on", second >= first + 2);
  check("CPU time is there", used.tms_utime + used.tms_stime >= 1);
  show("children's", used.tms_cutime);
  check("without a pointer", sys::times(nullptr) >= second);
}

GUEST_CASE(getrusage_of_self_thread_and_children) {
  wait_for(start_child([] { burn_cpu(10 * k_millisecond_ns); }));
  rusage self{};
  rusage thread{};
  rusage children{};
  show("self", sys::getrusage(RUSAGE_SELF, &self));
  show("thread", sys::getrusage(RUSAGE_THREAD, &thread));
  show("children", sys::getrusage(RUSAGE_CHILDREN, &children));
  check("children's time", children.ru_utime.tv_sec * 1'000'000 + children.ru_utime.tv_usec +
                                   children.ru_stime.tv_sec * 1'000'000 +
                                   children.ru_stime.tv_usec >=
                               5'000);
  show("an unknown one", sys::getrusage(7, &self));
}

}  // namespace weft::guest
