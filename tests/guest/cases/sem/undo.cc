// SEM_UNDO: what a process's end gives back.
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/system_v.hh"
#include "guest/support/thread.hh"

namespace weft::guest {

GUEST_CASE(sem_undo_at_exit) {
  SemaphoreSet set(2);
  set.set(0, 5);
  show_child("child", [&] {
    set.operate(-2, 0, SEM_UNDO);
    set.operate(3, 1, SEM_UNDO);
    set.operate(-1, 0);
    show("meanwhile", set.value(0));
  });
  show("given back", set.value(0));
  show("taken away", set.value(1));
}

GUEST_CASE(sem_undo_when_killed) {
  SemaphoreSet set;
  set.set(0, 1);
  const int child = start_child([&] {
    set.operate(-1, 0, SEM_UNDO);
    sys::pause();
  });
  wait_until_blocked(child);
  show("taken", set.value());
  sys::kill(child, SIGKILL);
  wait_for(child);
  show("given back", set.value());
}

GUEST_CASE(sem_undo_wakes_waiters) {
  SemaphoreSet set;
  set.set(0, 1);
  const int holder = start_child([&] {
    set.operate(-1, 0, SEM_UNDO);
    sys::pause();
  });
  wait_until_blocked(holder);
  const int waiter = start_child([&] { show("the lock of the dead", set.operate(-1)); });
  wait_until_blocked(waiter);
  sys::kill(holder, SIGKILL);
  wait_for(holder);
  wait_for(waiter);
}

GUEST_CASE(sem_undo_sums_up) {
  SemaphoreSet set;
  set.set(0, 10);
  show_child("child", [&] {
    set.operate(-3, 0, SEM_UNDO);
    set.operate(-3, 0, SEM_UNDO);
    set.operate(5, 0, SEM_UNDO);
  });
  show("value", set.value());
}

GUEST_CASE(sem_undo_does_not_go_below_zero) {
  SemaphoreSet set;
  show_child("child", [&] {
    set.operate(5, 0, SEM_UNDO);
    set.operate(-4, 0, 0);
  });
  show("value", set.value());
}

GUEST_CASE(sem_undo_is_not_inherited) {
  SemaphoreSet set;
  set.set(0, 5);
  show_child("child", [&] {
    set.operate(-1, 0, SEM_UNDO);
    show_child("grandchild", [] {});
    show("after the grandchild", set.value());
  });
  show("after the child", set.value());
}

GUEST_CASE(sem_undo_survives_exec) {
  SemaphoreSet set;
  set.set(0, 1);
  const int child = start_child([&] {
    set.operate(-1, 0, SEM_UNDO);
    const char* arguments[] = {"/guest/helper", "exit", "0", nullptr};
    const char* environment[] = {nullptr};
    sys::execve("/guest/helper", arguments, environment);
  });
  wait_for(child);
  show("given back", set.value());
}

GUEST_CASE(sem_undo_is_forgotten_by_setval) {
  SemaphoreSet set(2);
  show_child("child", [&] {
    set.operate(3, 0, SEM_UNDO);
    set.operate(3, 1, SEM_UNDO);
    set.set(0, 7);
  });
  show("set", set.value(0));
  show("not set", set.value(1));
}

GUEST_CASE(sem_undo_is_forgotten_by_setall) {
  SemaphoreSet set(2);
  show_child("child", [&] {
    set.operate_all({{0, 3, SEM_UNDO}, {1, 3, SEM_UNDO}});
    unsigned short values[] = {8, 9};
    sys::semctl(set.id, 0, SETALL, values);
  });
  show("first", set.value(0));
  show("second", set.value(1));
}

GUEST_CASE(sem_undo_of_a_removed_set) {
  show_child("child", [] {
    SemaphoreSet set;
    set.operate(1, 0, SEM_UNDO);
    set.remove();
    SemaphoreSet other;
    show("another set", other.operate(1, 0, SEM_UNDO));
  });
}

GUEST_CASE(sem_undo_of_what_failed) {
  SemaphoreSet set(2);
  set.set(0, 4);
  show_child("child", [&] {
    show("nothing", set.operate_all({{0, -4, SEM_UNDO}, {1, -1, SEM_UNDO | IPC_NOWAIT}}));
  });
  show("value", set.value(0));
}

GUEST_CASE(sem_undo_of_what_was_done_while_waiting) {
  SemaphoreSet set;
  const int child = start_child([&] {
    set.operate(-2, 0, SEM_UNDO);
    return 3;
  });
  wait_until_blocked(child);
  set.operate(2);
  show_status("child", wait_for(child));
  show("value", set.value());
}

GUEST_CASE(sem_undo_has_a_limit) {
  SemaphoreSet set;
  show_child("child", [&] {
    set.set(0, 32767);
    show("down", set.operate(-32767, 0, SEM_UNDO));
    set.operate(32767);
    show("more than can be undone", set.operate(-2, 0, SEM_UNDO));
    show("value", set.value());
  });
}

GUEST_CASE(sem_undo_belongs_to_the_process) {
  SemaphoreSet set;
  set.set(0, 5);
  show_child("child", [&] {
    {
      Thread thread([&] { set.operate(-1, 0, SEM_UNDO); });
    }
    show("the thread has ended", set.value());
  });
  show("the process has ended", set.value());
}

GUEST_CASE(sem_undo_says_who) {
  SemaphoreSet set;
  const int child = start_child([&] { set.operate(1, 0, SEM_UNDO); });
  wait_for(child);
  check("the child was the last", sys::semctl(set.id, 0, GETPID, 0) == child);
}

}  // namespace weft::guest
