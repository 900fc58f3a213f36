// The scheduling calls: CPUs, policies, priorities, nice values.
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/thread.hh"

namespace weft::guest {

GUEST_CASE(sched_yield_always_succeeds) { show("sched_yield", sys::sched_yield()); }

GUEST_CASE(sched_getaffinity_says_which_cpus) {
  uint64_t mask[16] = {};
  const long size = sys::sched_getaffinity(0, sizeof mask, mask);
  check("it fills at least 8 bytes, in words", size >= 8 && size % 8 == 0);
  check("with at least one CPU", mask[0] != 0);
  show("too small a mask", sys::sched_getaffinity(0, 4, mask));
  show("of nobody", sys::sched_getaffinity(12345678, sizeof mask, mask));
}

GUEST_CASE(sched_setaffinity_to_one_cpu_and_back) {
  uint64_t all = 0;
  sys::sched_getaffinity(0, sizeof all, &all);
  const uint64_t one = all & -all;
  show("one CPU", sys::sched_setaffinity(0, 8, &one));
  uint64_t now = 0;
  sys::sched_getaffinity(0, sizeof now, &now);
  check("it is the only one", now == one);
  show_child("child", [&] {
    uint64_t inherited = 0;
    sys::sched_getaffinity(0, sizeof inherited, &inherited);
    check("inherited", inherited == one);
  });
  show("all again", sys::sched_setaffinity(0, 8, &all));
}

GUEST_CASE(sched_setaffinity_errors) {
  const uint64_t none = 0;
  const uint64_t not_there = uint64_t{1} << 63;
  show("no CPU", sys::sched_setaffinity(0, 8, &none));
  show("one that isn't there", sys::sched_setaffinity(0, 8, &not_there));
  show("a bad pointer", sys::sched_setaffinity(0, 8, k_bad_pointer));
  show("of nobody", sys::sched_setaffinity(12345678, 8, &none));
}

GUEST_CASE(sched_setaffinity_is_each_threads_own) {
  uint64_t all = 0;
  sys::sched_getaffinity(0, sizeof all, &all);
  const uint64_t one = all & -all;
  Thread thread([&] {
    sys::sched_setaffinity(0, 8, &one);
    uint64_t now = 0;
    sys::sched_getaffinity(0, sizeof now, &now);
    check("the thread's", now == one);
  });
  thread.join();
  uint64_t now = 0;
  sys::sched_getaffinity(0, sizeof now, &now);
  check("ours is unchanged", now == all);
}

GUEST_CASE(sched_policies_and_their_priorities) {
  for (const int policy : {SCHED_NORMAL, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE}) {
    say("policy {}: {} to {}", policy, sys::sched_get_priority_min(policy),
        sys::sched_get_priority_max(policy));
  }
  show("an unknown one", sys::sched_get_priority_max(77));
}

GUEST_CASE(sched_starts_normal) {
  show("policy", sys::sched_getscheduler(0));
  sched_param parameter{-1};
  show("getparam", sys::sched_getparam(0, &parameter));
  show("priority", parameter.sched_priority);
}

GUEST_CASE(sched_setscheduler_to_each_policy) {
  show_child("child", [] {
    const auto set = [](std::string_view what, int policy, int priority) {
      const sched_param parameter{priority};
      show(what, sys::sched_setscheduler(0, policy, &parameter));
    };
    set("normal with priority 1", SCHED_NORMAL, 1);
    set("fifo with priority 0", SCHED_FIFO, 0);
    set("fifo with priority 100", SCHED_FIFO, 100);
    set("round robin with 10", SCHED_RR, 10);
    sched_param now{};
    sys::sched_getparam(0, &now);
    say("policy {}, priority {}", sys::sched_getscheduler(0), now.sched_priority);
    const sched_param other{20};
    show("setparam", sys::sched_setparam(0, &other));
    sys::sched_getparam(0, &now);
    show("priority", now.sched_priority);
    set("normal again", SCHED_NORMAL, 0);
    set("an unknown policy", 77, 0);
    show("no parameter", sys::sched_setscheduler(0, SCHED_NORMAL, nullptr));
    const sched_param none{0};
    show("of nobody", sys::sched_setscheduler(12345678, SCHED_NORMAL, &none));
  });
}

GUEST_CASE(sched_policy_is_inherited) {
  show_child("child", [] {
    const sched_param parameter{5};
    must("sched_setscheduler", sys::sched_setscheduler(0, SCHED_RR, &parameter));
    show_child("grandchild", [] {
      sched_param now{};
      sys::sched_getparam(0, &now);
      say("policy {}, priority {}", sys::sched_getscheduler(0), now.sched_priority);
    });
  });
}

GUEST_CASE(sched_rr_get_interval_tells_a_slice) {
  timespec slice{-1, -1};
  show("sched_rr_get_interval", sys::sched_rr_get_interval(0, &slice));
  check("a sensible one", slice.tv_sec == 0 && slice.tv_nsec >= 0 && slice.tv_nsec < 1'000'000'000);
  show("of nobody", sys::sched_rr_get_interval(12345678, &slice));
  show("of -1", sys::sched_rr_get_interval(-1, &slice));
}

GUEST_CASE(nice_values_are_set_clamped_and_inherited) {
  constexpr int k_process = 0;
  show_child("child", [] {
    show("at first, told as 20 - nice", sys::getpriority(k_process, 0));
    show("to 5", sys::setpriority(k_process, 0, 5));
    show("now", sys::getpriority(k_process, 0));
    show("to 100", sys::setpriority(k_process, 0, 100));
    show("now", sys::getpriority(k_process, 0));
    show_child("grandchild", [] { show("inherited", sys::getpriority(k_process, 0)); });
    show("root may go down to -100", sys::setpriority(k_process, 0, -100));
    show("now", sys::getpriority(k_process, 0));
  });
}

GUEST_CASE(nice_of_groups_and_errors) {
  constexpr int k_process = 0, k_group = 1, k_user = 2;
  const int child = start_child([] {
    for (;;) sys::pause();
  });
  show("our group to 3", sys::setpriority(k_group, 0, 3));
  show("the child's", sys::getpriority(k_process, child));
  show("the child alone to 7", sys::setpriority(k_process, child, 7));
  show("the best of the group", sys::getpriority(k_group, 0));
  check("of the user", sys::getpriority(k_user, 0) > 0);
  show("an unknown kind", sys::getpriority(9, 0));
  show("of nobody", sys::getpriority(k_process, 12345678));
  show("set of nobody", sys::setpriority(k_process, 12345678, 0));
  sys::kill(child, SIGKILL);
}

GUEST_CASE(yield_lets_another_thread_run_on_one_cpu) {
  uint64_t all = 0;
  sys::sched_getaffinity(0, sizeof all, &all);
  const uint64_t one = all & -all;
  must("sched_setaffinity", sys::sched_setaffinity(0, 8, &one));
  static int turns[2];
  const auto take_turns = [](int own) {
    for (int round = 0; round < 200; ++round) {
      add(turns[own], 1);
      while (load(turns[1 - own]) < round) sys::sched_yield();
    }
  };
  Thread other([&] { take_turns(1); });
  take_turns(0);
  other.join();
  say("{} {}", turns[0], turns[1]);
}

}  // namespace weft::guest
