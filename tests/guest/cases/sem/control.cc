// semget and semctl: sets by key, all values at once, what is told, who may do what, and limits.
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/system_v.hh"

namespace weft::guest {
namespace {

constexpr int k_key = 0x5e4;

semid64_ds status_of(int id) {
  semid64_ds status{};
  must("stat", sys::semctl(id, 0, IPC_STAT, &status));
  return status;
}

}  // namespace

GUEST_CASE(sem_by_key) {
  SemaphoreSet set(3, IPC_CREAT | IPC_EXCL | 0600, k_key);
  check("the same one", sys::semget(k_key, 3, 0) == set.id);
  check("fewer will do", sys::semget(k_key, 1, 0) == set.id);
  check("any number", sys::semget(k_key, 0, 0) == set.id);
  show("more", sys::semget(k_key, 4, 0));
  show("new", sys::semget(k_key, 3, IPC_CREAT | IPC_EXCL | 0600));
  show("another key", sys::semget(k_key + 1, 3, 0));
  set.remove();
  show("removed", sys::semget(k_key, 3, 0));
}

GUEST_CASE(sem_numbers_of_semaphores) {
  show("none", sys::semget(IPC_PRIVATE, 0, IPC_CREAT | 0600));
  show("below zero", sys::semget(IPC_PRIVATE, -1, IPC_CREAT | 0600));
  show("too many", sys::semget(IPC_PRIVATE, 32001, IPC_CREAT | 0600));
  SemaphoreSet set(32000);
  show("the last", set.operate(1, 31999));
  show("behind it", set.operate(1, 32000));
}

GUEST_CASE(sem_all_values) {
  SemaphoreSet set(3);
  unsigned short values[3] = {4, 5, 6};
  show("set", sys::semctl(set.id, 0, SETALL, values));
  values[0] = values[1] = values[2] = 0;
  show("get", sys::semctl(set.id, 0, GETALL, values));
  say("{} {} {}", values[0], values[1], values[2]);
  values[1] = 40000;
  show("one is too large", sys::semctl(set.id, 0, SETALL, values));
  show("nothing was set", set.value(0));
  show("a bad pointer", sys::semctl(set.id, 0, SETALL, k_bad_pointer));
  show("a bad pointer", sys::semctl(set.id, 0, GETALL, k_bad_pointer));
}

GUEST_CASE(sem_status_of_a_new_one) {
  SemaphoreSet set(7, IPC_CREAT | 0640);
  const semid64_ds status = status_of(set.id);
  show("semaphores", static_cast<long>(status.sem_nsems));
  show("mode", status.sem_perm.mode);
  show("owner", status.sem_perm.uid);
  show("operated", status.sem_otime);
  check("changed", status.sem_ctime > 0);
}

GUEST_CASE(sem_status_after_use) {
  SemaphoreSet set;
  set.operate(1, 0, IPC_NOWAIT);
  check("operated", status_of(set.id).sem_otime > 0);
  check("by us", sys::semctl(set.id, 0, GETPID, 0) == sys::getpid());
}

GUEST_CASE(sem_last_process) {
  SemaphoreSet set(3);
  show("nobody", sys::semctl(set.id, 0, GETPID, 0));
  set.set(0, 1);
  check("who set it", sys::semctl(set.id, 0, GETPID, 0) == sys::getpid());
  const int child = start_child([&] { set.operate_all({{0, -1, 0}, {1, 0, 0}}); });
  wait_for(child);
  check("who took it", sys::semctl(set.id, 0, GETPID, 0) == child);
  check("who saw that it was zero", sys::semctl(set.id, 1, GETPID, 0) == child);
  show("nobody", sys::semctl(set.id, 2, GETPID, 0));
}

GUEST_CASE(sem_last_process_of_a_waiter) {
  SemaphoreSet set;
  const int child = start_child([&] { set.operate(-1); });
  wait_until_blocked(child);
  set.operate(1);
  wait_for(child);
  check("who waited", sys::semctl(set.id, 0, GETPID, 0) == child);
}

GUEST_CASE(sem_set_owner) {
  SemaphoreSet set;
  semid64_ds wanted = status_of(set.id);
  wanted.sem_perm.uid = 3;
  wanted.sem_perm.gid = 4;
  wanted.sem_perm.mode = 0444;
  show("set", sys::semctl(set.id, 0, IPC_SET, &wanted));
  const semid64_ds status = status_of(set.id);
  say("owner {}, group {}, mode {}", status.sem_perm.uid, status.sem_perm.gid,
      status.sem_perm.mode);
}

GUEST_CASE(sem_control_errors) {
  SemaphoreSet set(2);
  show("no such set", sys::semctl(4711, 0, GETVAL, 0));
  show("below zero", sys::semctl(-1, 0, GETVAL, 0));
  show("no such semaphore", sys::semctl(set.id, 2, GETVAL, 0));
  show("below zero", sys::semctl(set.id, -1, GETVAL, 0));
  show("no such command", sys::semctl(set.id, 0, 99, 0));
  show("set no such semaphore", sys::semctl(set.id, 5, SETVAL, 1));
  show("a bad pointer", sys::semctl(set.id, 0, IPC_STAT, k_bad_pointer));
  set.remove();
  show("removed", sys::semctl(set.id, 0, GETVAL, 0));
  show("remove again", sys::semctl(set.id, 0, IPC_RMID, 0));
}

GUEST_CASE(sem_limits) {
  seminfo limits{};
  check("info", sys::semctl(0, 0, IPC_INFO, &limits) >= 0);
  say("sets {}, of a set {}, operations {}, value {}", limits.semmni, limits.semmsl, limits.semopm,
      limits.semvmx);
  say("semaphores {}, map {}, undo {} {} {} {}", limits.semmns, limits.semmap, limits.semmnu,
      limits.semume, limits.semusz, limits.semaem);
}

GUEST_CASE(sem_usage_and_listing) {
  SemaphoreSet one(3);
  SemaphoreSet other(4);
  seminfo usage{};
  const long highest = must("info", sys::semctl(0, 0, SEM_INFO, &usage));
  say("sets {}, semaphores {}", usage.semusz, usage.semaem);
  bool found_one = false;
  bool found_other = false;
  for (long place = 0; place <= highest; ++place) {
    semid64_ds status{};
    const long id = sys::semctl(place, 0, SEM_STAT, &status);
    found_one |= id == one.id && status.sem_nsems == 3;
    found_other |= id == other.id && status.sem_nsems == 4;
  }
  check("both were listed", found_one && found_other);
  semid64_ds status{};
  show("behind the last", sys::semctl(highest + 1, 0, SEM_STAT, &status));
}

GUEST_CASE(sem_rights) {
  SemaphoreSet set(1, IPC_CREAT | 0604);
  show_child("another user", [&] {
    must("setresgid", sys::setresgid(99, 99, 99));
    must("setresuid", sys::setresuid(99, 99, 99));
    unsigned short value = 0;
    show("look", set.value());
    show("all values", sys::semctl(set.id, 0, GETALL, &value));
    show("set", sys::semctl(set.id, 0, SETVAL, 1));
    show("set all", sys::semctl(set.id, 0, SETALL, &value));
    show("up", set.operate(1));
    show("wait for zero", set.operate(0));
    show("remove", sys::semctl(set.id, 0, IPC_RMID, 0));
  });
}

GUEST_CASE(sem_a_thousand_sets) {
  static int ids[1000];
  for (int& id : ids) {
    id = static_cast<int>(must("semget", sys::semget(IPC_PRIVATE, 4, IPC_CREAT | 0600)));
    sembuf up{2, 1, SEM_UNDO};
    must("up", sys::semop(id, &up, 1));
  }
  long sum = 0;
  for (const int id : ids) sum += sys::semctl(id, 2, GETVAL, 0);
  show("sum", sum);
  for (const int id : ids) must("remove", sys::semctl(id, 0, IPC_RMID, 0));
  seminfo usage{};
  must("info", sys::semctl(0, 0, SEM_INFO, &usage));
  show("left", usage.semusz);
}

}  // namespace weft::guest
