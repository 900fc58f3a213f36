// semop: values go up and down, several at once or none, and who waits for what.
#include "guest/support/clock.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/system_v.hh"

namespace weft::guest {

GUEST_CASE(sem_begins_at_zero) {
  SemaphoreSet set(3);
  for (int number = 0; number < 3; ++number) show("value", set.value(number));
}

GUEST_CASE(sem_up_and_down) {
  SemaphoreSet set;
  show("up", set.operate(5));
  show("down", set.operate(-2));
  show("value", set.value());
}

GUEST_CASE(sem_down_does_not_go_below_zero) {
  SemaphoreSet set;
  set.set(0, 2);
  show("too much", set.operate(-3, 0, IPC_NOWAIT));
  show("all of it", set.operate(-2, 0, IPC_NOWAIT));
  show("more", set.operate(-1, 0, IPC_NOWAIT));
}

GUEST_CASE(sem_wait_for_zero) {
  SemaphoreSet set;
  show("it is zero", set.operate(0, 0, IPC_NOWAIT));
  set.set(0, 1);
  show("it is not", set.operate(0, 0, IPC_NOWAIT));
}

GUEST_CASE(sem_several_all_or_nothing) {
  SemaphoreSet set(2);
  set.set(0, 1);
  show("the second can't", set.operate_all({{0, -1, IPC_NOWAIT}, {1, -1, IPC_NOWAIT}}));
  show("the first is untouched", set.value(0));
  set.set(1, 1);
  show("both can", set.operate_all({{0, -1, IPC_NOWAIT}, {1, -1, IPC_NOWAIT}}));
  show("first", set.value(0));
  show("second", set.value(1));
}

GUEST_CASE(sem_several_in_their_order) {
  SemaphoreSet set;
  show("up, then down",
       set.operate_all({{0, 2, IPC_NOWAIT}, {0, -2, IPC_NOWAIT}, {0, 0, IPC_NOWAIT}}));
  show("down, then up", set.operate_all({{0, -1, IPC_NOWAIT}, {0, 1, IPC_NOWAIT}}));
  show("a lock: zero, then up", set.operate_all({{0, 0, IPC_NOWAIT}, {0, 1, IPC_NOWAIT}}));
  show("held", set.operate_all({{0, 0, IPC_NOWAIT}, {0, 1, IPC_NOWAIT}}));
}

GUEST_CASE(sem_no_wait_counts_where_it_stands) {
  SemaphoreSet set(2);
  set.set(1, 1);
  show("at the one that can't", set.operate_all({{1, -1, 0}, {0, -1, IPC_NOWAIT}}));
  show("value", set.value(1));
}

GUEST_CASE(sem_largest_value) {
  SemaphoreSet set;
  set.set(0, 32766);
  show("to the most", set.operate(1));
  show("above", set.operate(1));
  show("value", set.value());
  show("set above", sys::semctl(set.id, 0, SETVAL, 32768));
  show("set below zero", sys::semctl(set.id, 0, SETVAL, -1));
}

GUEST_CASE(sem_errors) {
  SemaphoreSet set(2);
  sembuf one{0, 1, 0};
  show("no such set", sys::semop(4711, &one, 1));
  show("below zero", sys::semop(-1, &one, 1));
  show("no operations", sys::semop(set.id, &one, 0));
  show("no such semaphore", set.operate(1, 2));
  show("a bad pointer", sys::semop(set.id, k_bad_pointer, 1));
  static sembuf many[501];
  show("too many", sys::semop(set.id, many, 501));
  show("just enough", sys::semop(set.id, many, 500));
}

GUEST_CASE(sem_waiter_is_woken) {
  SemaphoreSet set;
  const int child = start_child([&] { show("down", set.operate(-1)); });
  wait_until_blocked(child);
  must("up", set.operate(1));
  wait_for(child);
  show("value", set.value());
}

GUEST_CASE(sem_waiter_for_zero_is_woken) {
  SemaphoreSet set;
  set.set(0, 1);
  const int child = start_child([&] { show("zero", set.operate(0)); });
  wait_until_blocked(child);
  must("down", set.operate(-1));
  wait_for(child);
}

GUEST_CASE(sem_waiter_wants_more_than_there_is) {
  SemaphoreSet set;
  const int child = start_child([&] { show("down by three", set.operate(-3)); });
  wait_until_blocked(child);
  show("up by two", set.operate(2));
  show("nobody took them", set.value());
  must("one more", set.operate(1));
  wait_for(child);
  show("value", set.value());
}

GUEST_CASE(sem_counts_of_waiters) {
  SemaphoreSet set(2);
  set.set(1, 1);
  const int down = start_child([&] { set.operate(-1, 0); });
  const int other = start_child([&] { set.operate(-1, 0); });
  const int zero = start_child([&] { set.operate(0, 1); });
  wait_until_blocked(down);
  wait_until_blocked(other);
  wait_until_blocked(zero);
  show("wait for the first to grow", sys::semctl(set.id, 0, GETNCNT, 0));
  show("wait for it to be zero", sys::semctl(set.id, 0, GETZCNT, 0));
  show("wait for the second to grow", sys::semctl(set.id, 1, GETNCNT, 0));
  show("wait for it to be zero", sys::semctl(set.id, 1, GETZCNT, 0));
  set.operate(2, 0);
  set.operate(-1, 1);
  wait_for(down);
  wait_for(other);
  wait_for(zero);
  show("afterwards", sys::semctl(set.id, 0, GETNCNT, 0));
}

GUEST_CASE(sem_waiter_that_needs_two) {
  SemaphoreSet set(2);
  const int child = start_child([&] { show("both", set.operate_all({{0, -1, 0}, {1, -1, 0}})); });
  wait_until_blocked(child);
  show("the first", set.operate(1, 0));
  show("it was not taken", set.value(0));
  show("it waits for the second now", sys::semctl(set.id, 1, GETNCNT, 0));
  must("the second", set.operate(1, 1));
  wait_for(child);
  show("first", set.value(0));
  show("second", set.value(1));
}

GUEST_CASE(sem_waiter_lets_another_go_on) {
  SemaphoreSet set(2);
  const int second = start_child([&] { set.operate(-1, 1); });
  wait_until_blocked(second);
  const int first = start_child([&] { set.operate_all({{0, -1, 0}, {1, 1, 0}}); });
  wait_until_blocked(first);
  must("up", set.operate(1, 0));
  show_status("who waited for it", wait_for(first));
  show_status("who waited for him", wait_for(second));
}

GUEST_CASE(sem_no_wait_of_a_waiter) {
  SemaphoreSet set(2);
  set.set(1, 1);
  const int child =
      start_child([&] { show("operation", set.operate_all({{0, -1, 0}, {1, 0, IPC_NOWAIT}})); });
  wait_until_blocked(child);
  must("up", set.operate(1, 0));
  wait_for(child);
  show("value", set.value(0));
}

GUEST_CASE(sem_removal_wakes_waiters) {
  SemaphoreSet set;
  const int child = start_child([&] { show("down", set.operate(-1)); });
  wait_until_blocked(child);
  set.remove();
  wait_for(child);
  show("afterwards", set.operate(1));
}

GUEST_CASE(sem_setval_wakes_waiters) {
  SemaphoreSet set;
  const int child = start_child([&] { show("down", set.operate(-1)); });
  wait_until_blocked(child);
  set.set(0, 1);
  wait_for(child);
}

GUEST_CASE(sem_setall_wakes_waiters) {
  SemaphoreSet set(2);
  const int child = start_child([&] { show("down", set.operate_all({{0, -1, 0}, {1, -1, 0}})); });
  wait_until_blocked(child);
  unsigned short values[] = {1, 2};
  must("set", sys::semctl(set.id, 0, SETALL, values));
  wait_for(child);
  show("second", set.value(1));
}

GUEST_CASE(sem_signal_ends_the_wait) {
  SemaphoreSet set;
  const int child = start_child([&] {
    handle(SIGUSR1, [](int) {});
    show("down", set.operate(-1));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_for(child);
  show("nobody waits", sys::semctl(set.id, 0, GETNCNT, 0));
}

GUEST_CASE(sem_signal_ends_it_even_with_restart) {
  SemaphoreSet set;
  const int child = start_child([&] {
    handle(SIGUSR1, [](int) {}, SA_RESTART);
    show("down", set.operate(-1));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_for(child);
}

GUEST_CASE(sem_kill_of_a_waiter) {
  SemaphoreSet set;
  const int child = start_child([&] { set.operate(-1); });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGKILL));
  show_status("child", wait_for(child));
  show("nobody waits", sys::semctl(set.id, 0, GETNCNT, 0));
  show("up", set.operate(1));
  show("value", set.value());
}

GUEST_CASE(sem_time_limit) {
  SemaphoreSet set;
  sembuf down{0, -1, 0};
  timespec limit{0, 20'000'000};
  show("time is over", sys::semtimedop(set.id, &down, 1, &limit));
  timespec none{0, 0};
  show("no time at all", sys::semtimedop(set.id, &down, 1, &none));
  set.set(0, 1);
  show("not needed", sys::semtimedop(set.id, &down, 1, &none));
  timespec wrong{0, 1'000'000'000};
  show("no time", sys::semtimedop(set.id, &down, 1, &wrong));
  show("a bad pointer", sys::semtimedop(set.id, &down, 1, k_bad_pointer));
  set.set(0, 1);
  show("no limit", sys::semtimedop(set.id, &down, 1, nullptr));
}

GUEST_CASE(sem_as_a_lock_between_processes) {
  SemaphoreSet set;
  set.set(0, 1);
  Shared<int> counter;
  int children[3];
  for (int& child : children) {
    child = start_child([&] {
      for (int i = 0; i < 200; ++i) {
        set.operate(-1);
        const int seen = *counter;
        sys::sched_yield();
        *counter = seen + 1;
        set.operate(1);
      }
    });
  }
  for (const int child : children) wait_for(child);
  show("counted", *counter);
}

GUEST_CASE(sem_ping_pong) {
  SemaphoreSet set(2);
  const int child = start_child([&] {
    for (int i = 0; i < 100; ++i) {
      set.operate(-1, 0);
      set.operate(1, 1);
    }
  });
  for (int i = 0; i < 100; ++i) {
    set.operate(1, 0);
    set.operate(-1, 1);
  }
  show_status("child", wait_for(child));
}

}  // namespace weft::guest
