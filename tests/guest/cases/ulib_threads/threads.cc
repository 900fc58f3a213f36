// The userlib's threads: how they begin, what is their own, and how they and the process end.
#include "guest/on_userlib/case.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/last_error.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/jthread.hh"
#include "userlib/thread/latch.hh"
#include "userlib/thread/thread.hh"

namespace weft::guest {
namespace {

using namespace std::chrono_literals;

thread_local int own_value = 1;

struct Noisy {
  ~Noisy() { say("its object goes"); }
  int value = 5;
};
thread_local Noisy noisy;

}  // namespace

GUEST_CASE(a_thread_runs_and_is_joined) {
  int sum = 0;
  thread adder([&](int a, int b) { sum = a + b; }, 40, 2);
  check("joinable", adder.joinable());
  adder.join();
  check("joinable after that", adder.joinable());
  show("sum", sum);
}

GUEST_CASE(a_thread_has_a_number_of_its_own) {
  thread::id inside;
  latch told(1);
  latch go(1);
  thread other([&] {
    inside = this_thread::get_id();
    told.count_down();
    go.wait();
  });
  told.wait();
  check("its number is known outside", other.get_id() == inside);
  check("it is not ours", inside != this_thread::get_id());
  check("ours is the process's", this_thread::get_id().number() == sys::getpid().value());
  go.count_down();
  other.join();
}

GUEST_CASE(thread_local_variables_are_apart) {
  thread([] {
    own_value += 10;
    show("the other's", own_value);
  }).join();
  show("ours", own_value);
}

GUEST_CASE(a_thread_local_object_goes_with_its_thread) {
  thread([] { show("value", noisy.value); }).join();
  say("joined");
}

GUEST_CASE(each_thread_has_an_error_of_its_own) {
  say("close: {}", sys::minus_one_on_error(sys::close(99)));
  thread([] {
    check("none yet in the other", sys::last_error == Errno{});
    say("open: {}", sys::minus_one_on_error(sys::open("/no/such", 0, 0)));
    say("the other's: {}", sys::last_error);
  }).join();
  say("ours: {}", sys::last_error);
}

GUEST_CASE(many_threads_come_and_go) {
  Atomic<int> count{0};
  for (int round = 0; round < 10; ++round) {
    Vector<thread> team;
    for (int i = 0; i < 20; ++i) team.push_back(thread([&] { count.fetch_add(1, relaxed); }));
    for (thread& each : team) each.join();
  }
  show("count", count.load(relaxed));
}

GUEST_CASE(a_thread_is_named) {
  thread({.name = "a name that is too long"}, [] {
    say("{}", read_file("/proc/thread-self/comm")->view().substr(0, 15));
    this_thread::set_name("short");
    say("{}", read_file("/proc/thread-self/comm")->view().substr(0, 5));
  }).join();
}

GUEST_CASE(a_thread_starts_with_its_priority_and_cpus) {
  const thread_options options = {
      .niceness = 7, .policy = scheduling{scheduling_policy::batch, 0}, .cpus = cpu_set{0}};
  thread(options, [] {
    show("niceness", get_niceness(0).value());
    show("policy", static_cast<int>(get_scheduling(0)->policy));
    check("on the first CPU", get_cpus(0).value() == cpu_set{0});
  }).join();
  show("ours is still", get_niceness(0).value());
}

GUEST_CASE(a_thread_that_cannot_be_as_asked_does_not_run) {
  const auto refused = thread::start({.cpus = cpu_set{900}}, [] { say("it ran"); });
  say("refused: {}", refused.error());
  const auto large = thread::start({.stack_size = size_t{1} << 60}, [] { say("it ran"); });
  say("refused: {}", large.error());
}

GUEST_CASE(a_stack_is_as_large_as_asked) {
  thread({.stack_size = 2 * 1024 * 1024}, [] {
    volatile char room[1024 * 1024];
    for (size_t i = 0; i < sizeof room; i += 4096) room[i] = 1;
    say("a megabyte");
  }).join();
}

GUEST_CASE(a_guard_page_stops_an_overrun) {
  show_child("the process", [] {
    thread([] {
      volatile char* place = static_cast<char*>(__builtin_frame_address(0));
      for (size_t i = 0; i < 2 * thread::k_stack_size; i += 4096) *(place - i) = 1;
    }).join();
    return 0;
  });
}

// One thread's crash is the end of its whole process.
GUEST_CASE(a_crash_of_a_thread_ends_the_process) {
  show_child("the process", [] {
    thread([] { __builtin_trap(); }).join();
    say("still here");
    return 0;
  });
}

GUEST_CASE(detached_threads_end_alone) {
  latch go(1);
  latch done(20);
  for (int i = 0; i < 20; ++i) {
    thread([&] {
      go.wait();
      done.count_down();
    }).detach();
  }
  go.count_down();
  done.wait();
  say("all came");
}

GUEST_CASE(misuse_ends_the_program) {
  show_child("join without a thread", [] {
    thread none;
    none.join();
    return 0;
  });
  show_child("a handle that goes too early", [] {
    thread([] {});
    return 0;
  });
}

GUEST_CASE(a_jthread_is_stopped_and_joined) {
  {
    jthread worker([](stop_token token) {
      while (!token.stop_requested()) this_thread::yield();
      say("stopped");
    });
  }
  say("joined");
}

GUEST_CASE(a_stop_runs_callbacks) {
  stop_source source;
  const stop_callback first(source.get_token(), [] { say("called"); });
  check("the first request", source.request_stop());
  check("the second", source.request_stop());
  const stop_callback late(source.get_token(), [] { say("called at once"); });
}

GUEST_CASE(sleeping_is_not_too_short) {
  const auto start = std::chrono::steady_clock::now();
  this_thread::sleep_for(3ms);
  check("three milliseconds", std::chrono::steady_clock::now() - start >= 3ms);
}

}  // namespace weft::guest
