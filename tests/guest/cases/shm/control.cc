// shmctl: what is told of a segment, who may do what, and the limits.
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"

namespace weft::guest {
namespace {

int make(size_t size = 4096, int flags = IPC_CREAT | 0600) {
  return static_cast<int>(must("shmget", sys::shmget(IPC_PRIVATE, size, flags)));
}

shmid64_ds status_of(int id) {
  shmid64_ds status{};
  must("stat", sys::shmctl(id, IPC_STAT, &status));
  return status;
}

}  // namespace

GUEST_CASE(shm_status_of_a_new_one) {
  const int id = make(5000, IPC_CREAT | 0640);
  const shmid64_ds status = status_of(id);
  show("size", static_cast<long>(status.shm_segsz));
  show("mode", status.shm_perm.mode);
  show("owner", status.shm_perm.uid);
  show("creator's group", status.shm_perm.cgid);
  show("key", status.shm_perm.key);
  show("attachments", static_cast<long>(status.shm_nattch));
  check("made by us", status.shm_cpid == sys::getpid());
  show("last used by", status.shm_lpid);
  show("attached at", status.shm_atime);
  show("detached at", status.shm_dtime);
  check("changed when it was made", status.shm_ctime > 0);
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_status_after_use) {
  const int id = make();
  const long memory = must("shmat", sys::shmat(id, nullptr, 0));
  shmid64_ds status = status_of(id);
  check("attached", status.shm_atime > 0 && status.shm_dtime == 0);
  check("by us", status.shm_lpid == sys::getpid());
  must("shmdt", sys::shmdt(memory));
  status = status_of(id);
  check("detached", status.shm_dtime > 0);
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_last_user_is_the_child) {
  const int id = make();
  const int child = start_child([&] { sys::shmdt(must("shmat", sys::shmat(id, nullptr, 0))); });
  wait_for(child);
  check("last used by the child", status_of(id).shm_lpid == child);
  check("made by us", status_of(id).shm_cpid == sys::getpid());
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_set) {
  const int id = make();
  shmid64_ds wanted = status_of(id);
  wanted.shm_perm.uid = 12;
  wanted.shm_perm.gid = 34;
  wanted.shm_perm.mode = 07444;
  show("set", sys::shmctl(id, IPC_SET, &wanted));
  const shmid64_ds status = status_of(id);
  show("owner", status.shm_perm.uid);
  show("group", status.shm_perm.gid);
  show("creator", status.shm_perm.cuid);
  show("mode", status.shm_perm.mode);
  wanted.shm_perm.uid = -1;
  show("no such user", sys::shmctl(id, IPC_SET, &wanted));
  show("a bad pointer", sys::shmctl(id, IPC_SET, k_bad_pointer));
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_control_errors) {
  shmid64_ds status{};
  show("no such id", sys::shmctl(4711, IPC_STAT, &status));
  show("below zero", sys::shmctl(-1, IPC_STAT, &status));
  show("no such command", sys::shmctl(0, 99, &status));
  const int id = make();
  show("a bad pointer", sys::shmctl(id, IPC_STAT, k_bad_pointer));
  show("remove", sys::shmctl(id, IPC_RMID, nullptr));
  show("remove again", sys::shmctl(id, IPC_RMID, nullptr));
}

GUEST_CASE(shm_old_id_does_not_find_the_next) {
  const int id = make();
  sys::shmctl(id, IPC_RMID, nullptr);
  const int next = make();
  check("another number", next != id);
  shmid64_ds status{};
  show("the old one", sys::shmctl(id, IPC_STAT, &status));
  sys::shmctl(next, IPC_RMID, nullptr);
}

GUEST_CASE(shm_lock_is_kept_and_told) {
  const int id = make();
  show("lock", sys::shmctl(id, SHM_LOCK, nullptr));
  show("mode", status_of(id).shm_perm.mode);
  show("unlock", sys::shmctl(id, SHM_UNLOCK, nullptr));
  show("mode", status_of(id).shm_perm.mode);
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_limits) {
  shminfo64 limits{};
  check("info", sys::shmctl(0, IPC_INFO, &limits) >= 0);
  check("the largest", limits.shmmax == ~0ul - (1ul << 24));
  show("the smallest", static_cast<long>(limits.shmmin));
  show("segments", static_cast<long>(limits.shmmni));
  show("of one process", static_cast<long>(limits.shmseg));
}

GUEST_CASE(shm_usage_and_listing) {
  const int one = make(3 * 4096);
  const int other = make(100);
  shm_info usage{};
  const long highest = must("info", sys::shmctl(0, SHM_INFO, &usage));
  show("segments", usage.used_ids);
  show("pages", static_cast<long>(usage.shm_tot));
  bool found_one = false;
  bool found_other = false;
  for (long place = 0; place <= highest; ++place) {
    shmid64_ds status{};
    const long id = sys::shmctl(place, SHM_STAT, &status);
    found_one |= id == one && status.shm_segsz == 3 * 4096;
    found_other |= id == other && status.shm_segsz == 100;
  }
  check("both were listed", found_one && found_other);
  shmid64_ds status{};
  show("behind the last", sys::shmctl(highest + 1, SHM_STAT, &status));
  check("for anybody", sys::shmctl(highest, 15, &status) >= 0);
  sys::shmctl(one, IPC_RMID, nullptr);
  sys::shmctl(other, IPC_RMID, nullptr);
}

GUEST_CASE(shm_rights) {
  const int id = make(4096, IPC_CREAT | 0604);
  must("shmget", sys::shmget(0x77, 4096, IPC_CREAT | 0600));
  show_child("another user", [&] {
    must("setresgid", sys::setresgid(99, 99, 99));
    must("setresuid", sys::setresuid(99, 99, 99));
    shmid64_ds status{};
    show("attach", sys::shmat(id, nullptr, 0));
    check("attach to read", sys::shmat(id, nullptr, SHM_RDONLY) > 0);
    show("stat", sys::shmctl(id, IPC_STAT, &status));
    show("set", sys::shmctl(id, IPC_SET, &status));
    show("remove", sys::shmctl(id, IPC_RMID, nullptr));
    show("find by key", sys::shmget(0x77, 4096, 0600));
    check("find it without wishes", sys::shmget(0x77, 4096, 0) >= 0);
  });
  sys::shmctl(id, IPC_RMID, nullptr);
  sys::shmctl(sys::shmget(0x77, 0, 0), IPC_RMID, nullptr);
}

GUEST_CASE(shm_owner_may_remove) {
  const int id = make();
  shmid64_ds wanted = status_of(id);
  wanted.shm_perm.uid = 99;
  must("set", sys::shmctl(id, IPC_SET, &wanted));
  show_child("the owner", [&] {
    must("setresuid", sys::setresuid(99, 99, 99));
    show("remove", sys::shmctl(id, IPC_RMID, nullptr));
  });
}

GUEST_CASE(shm_too_many) {
  long made = 0;
  long result = 0;
  static int ids[5000];
  while ((result = sys::shmget(IPC_PRIVATE, 1, IPC_CREAT | 0600)) >= 0)
    ids[made++] = static_cast<int>(result);
  show("so many", made);
  show("then", result);
  for (long i = 0; i < made; ++i) must("remove", sys::shmctl(ids[i], IPC_RMID, nullptr));
  const int id = make();
  check("and again", id >= 0);
  sys::shmctl(id, IPC_RMID, nullptr);
}

}  // namespace weft::guest
