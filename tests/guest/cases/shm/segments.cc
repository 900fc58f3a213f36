// shmget, shmat, shmdt: segments by key, attached, shared, and gone when the last one lets go.
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

constexpr int k_key = 0x5eed;

int make(size_t size = 4096, int flags = IPC_CREAT | 0600, int key = IPC_PRIVATE) {
  return static_cast<int>(must("shmget", sys::shmget(key, size, flags)));
}

char* attach(int id, int flags = 0) {
  return reinterpret_cast<char*>(must("shmat", sys::shmat(id, nullptr, flags)));
}

shmid64_ds status_of(int id) {
  shmid64_ds status{};
  must("stat", sys::shmctl(id, IPC_STAT, &status));
  return status;
}

}  // namespace

GUEST_CASE(shm_new_memory_is_zero_and_writable) {
  const int id = make(8192);
  char* const memory = attach(id);
  check("zero at the beginning", memory[0] == 0);
  check("zero at the end", memory[8191] == 0);
  memory[8191] = 7;
  show("what was written", memory[8191]);
  show("detach", sys::shmdt(memory));
  show("remove", sys::shmctl(id, IPC_RMID, nullptr));
}

GUEST_CASE(shm_contents_stay_without_attachments) {
  const int id = make();
  char* memory = attach(id);
  memory[100] = 42;
  must("detach", sys::shmdt(memory));
  memory = attach(id);
  show("later", memory[100]);
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_attached_twice_is_the_same_memory) {
  const int id = make();
  char* const one = attach(id);
  char* const other = attach(id);
  check("two places", one != other);
  one[5] = 'x';
  show("seen through the other", other[5]);
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_child_inherits_attachments) {
  const int id = make();
  char* const memory = attach(id);
  show_child("child", [&] {
    show("attachments in the child", static_cast<long>(status_of(id).shm_nattch));
    memory[0] = 9;
  });
  show("what the child wrote", memory[0]);
  show("attachments", static_cast<long>(status_of(id).shm_nattch));
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_exec_detaches) {
  const int id = make();
  attach(id);
  const int child = start_child([] {
    const char* arguments[] = {"/guest/helper", "exit", "0", nullptr};
    const char* environment[] = {nullptr};
    sys::execve("/guest/helper", arguments, environment);
    return 1;
  });
  wait_for(child);
  show("attachments", static_cast<long>(status_of(id).shm_nattch));
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_by_key) {
  const int id = make(4096, IPC_CREAT | IPC_EXCL | 0600, k_key);
  check("the same one", sys::shmget(k_key, 4096, 0) == id);
  check("smaller will do", sys::shmget(k_key, 1, 0600) == id);
  check("any size", sys::shmget(k_key, 0, 0) == id);
  check("IPC_CREAT finds it", sys::shmget(k_key, 4096, IPC_CREAT | 0600) == id);
  show("IPC_EXCL alone is nothing", sys::shmget(k_key, 4096, IPC_EXCL) == id ? 0 : -1);
  show("both", sys::shmget(k_key, 4096, IPC_CREAT | IPC_EXCL | 0600));
  show("larger", sys::shmget(k_key, 4097, 0));
  show("another key", sys::shmget(k_key + 1, 4096, 0));
  sys::shmctl(id, IPC_RMID, nullptr);
  show("when it is removed", sys::shmget(k_key, 4096, 0));
}

GUEST_CASE(shm_strangers_meet_by_key) {
  const int child = start_child([] {
    char* const memory = attach(make(4096, IPC_CREAT | 0600, k_key));
    memory[0] = 'a';
  });
  wait_for(child);
  const int id = make(4096, 0, k_key);
  char* const memory = attach(id);
  show("found", memory[0]);
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_private_is_always_new) {
  const int one = make();
  const int other = make();
  check("two", one != other);
  check("no flag is needed", sys::shmget(IPC_PRIVATE, 10, 0) >= 0);
  sys::shmctl(one, IPC_RMID, nullptr);
  sys::shmctl(other, IPC_RMID, nullptr);
}

GUEST_CASE(shm_sizes) {
  show("zero", sys::shmget(IPC_PRIVATE, 0, IPC_CREAT | 0600));
  show("more than there can be", sys::shmget(IPC_PRIVATE, ~0ul, IPC_CREAT | 0600));
  const int id = make(1);
  show("as it was asked for", static_cast<long>(status_of(id).shm_segsz));
  char* const memory = attach(id);
  memory[4095] = 1;
  show("usable up to the page's end", memory[4095]);
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_behind_the_end_is_nothing) {
  const int id = make(4096);
  show_child("child", [&] {
    char* const memory = attach(id);
    sys::munmap(memory + 4096, 4096);
    memory[4096] = 1;
  });
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_read_only) {
  const int id = make();
  char* const writable = attach(id);
  char* const readable = attach(id, SHM_RDONLY);
  writable[3] = 3;
  show("it can be read", readable[3]);
  show_child("a writer", [&] { readable[3] = 4; });
  show("nothing came of it", writable[3]);
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_attach_at_an_address) {
  const int id = make();
  char* const place = attach(id);
  must("detach", sys::shmdt(place));
  check("there again", sys::shmat(id, place, 0) == reinterpret_cast<long>(place));
  show("where something is", sys::shmat(id, place, 0));
  show("not a page's address", sys::shmat(id, place + 100, 0));
  check("rounded", sys::shmdt(place) == 0 &&
                       sys::shmat(id, place + 100, SHM_RND) == reinterpret_cast<long>(place));
  check("in place of it", sys::shmat(id, place, SHM_REMAP) == reinterpret_cast<long>(place));
  show("attachments", static_cast<long>(status_of(id).shm_nattch));
  show("in place of nothing", sys::shmat(id, nullptr, SHM_REMAP));
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_attach_errors) {
  show("no such id", sys::shmat(123456, nullptr, 0));
  show("below zero", sys::shmat(-1, nullptr, 0));
  const int id = make();
  sys::shmctl(id, IPC_RMID, nullptr);
  show("removed", sys::shmat(id, nullptr, 0));
}

GUEST_CASE(shm_detach_errors) {
  const int id = make(8192);
  char* const memory = attach(id);
  show("not where it begins", sys::shmdt(memory + 4096));
  show("not a page's address", sys::shmdt(memory + 1));
  show("detach", sys::shmdt(memory));
  show("again", sys::shmdt(memory));
  show("other memory", sys::shmdt(must("mmap", sys::mmap(nullptr, 4096, PROT_READ,
                                                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))));
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_detach_after_part_was_unmapped) {
  const int id = make(3 * 4096);
  char* const memory = attach(id);
  show("unmap the middle", sys::munmap(memory + 4096, 4096));
  show("attachments", static_cast<long>(status_of(id).shm_nattch));
  show("detach", sys::shmdt(memory));
  show("attachments", static_cast<long>(status_of(id).shm_nattch));
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_detach_leaves_what_is_not_its_own) {
  const int id = make(2 * 4096);
  char* const memory = attach(id);
  must("another mapping", sys::mmap(memory + 4096, 4096, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  show("detach", sys::shmdt(memory));
  memory[4096] = 5;
  show("the other is still there", memory[4096]);
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_munmap_detaches) {
  const int id = make();
  char* const memory = attach(id);
  show("munmap", sys::munmap(memory, 4096));
  show("attachments", static_cast<long>(status_of(id).shm_nattch));
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_mprotect_splits_count) {
  const int id = make(2 * 4096);
  char* const memory = attach(id);
  show("mprotect", sys::mprotect(memory, 4096, PROT_READ));
  show("attachments", static_cast<long>(status_of(id).shm_nattch));
  show("detach takes all", sys::shmdt(memory));
  show("attachments", static_cast<long>(status_of(id).shm_nattch));
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_removed_lives_while_it_is_attached) {
  const int id = make(4096, IPC_CREAT | 0600, k_key);
  char* const memory = attach(id);
  memory[0] = 1;
  show("remove", sys::shmctl(id, IPC_RMID, nullptr));
  show("the key", sys::shmget(k_key, 4096, 0));
  const shmid64_ds status = status_of(id);
  check("it is marked", (status.shm_perm.mode & 01000) != 0);
  show("its key is", status.shm_perm.key);
  show("its memory", memory[0]);
  char* const again = attach(id);
  show("attached once more", again[0]);
  must("detach", sys::shmdt(again));
  must("detach", sys::shmdt(memory));
  shmid64_ds gone{};
  show("the last one has gone", sys::shmctl(id, IPC_STAT, &gone));
}

GUEST_CASE(shm_removed_goes_with_its_last_process) {
  const int id = make();
  const int child = start_child([&] {
    attach(id);
    sys::shmctl(id, IPC_RMID, nullptr);
    shmid64_ds status{};
    show("in the child", sys::shmctl(id, IPC_STAT, &status));
  });
  wait_for(child);
  shmid64_ds status{};
  show("afterwards", sys::shmctl(id, IPC_STAT, &status));
}

GUEST_CASE(shm_key_is_free_after_removal) {
  const int id = make(4096, IPC_CREAT | 0600, k_key);
  char* const old_memory = attach(id);
  old_memory[0] = 1;
  sys::shmctl(id, IPC_RMID, nullptr);
  const int other = make(4096, IPC_CREAT | IPC_EXCL | 0600, k_key);
  check("another id", other != id);
  show("new memory", attach(other)[0]);
  sys::shmctl(other, IPC_RMID, nullptr);
}

GUEST_CASE(shm_futex_through_two_attachments) {
  const int id = make();
  auto* const here = reinterpret_cast<int*>(attach(id));
  const int child = start_child([&] {
    auto* const there = reinterpret_cast<int*>(attach(id));
    while (load(*there) == 0) sys::futex(there, FUTEX_WAIT, 0, nullptr, nullptr, 0);
    return load(*there);
  });
  wait_until_blocked(child);
  store(*here, 3);
  must("woken", sys::futex(here, FUTEX_WAKE, 1, nullptr, nullptr, 0));
  show_status("child", wait_for(child));
  sys::shmctl(id, IPC_RMID, nullptr);
}

GUEST_CASE(shm_system_calls_see_the_memory) {
  const int id = make();
  char* const one = attach(id);
  char* const other = attach(id);
  int ends[2];
  must("pipe", sys::pipe(ends));
  must("write", sys::write(ends[1], "text", 4));
  must("read", sys::read(ends[0], one, 4));
  show("through the other", other[3]);
  sys::shmctl(id, IPC_RMID, nullptr);
}

}  // namespace weft::guest
