// Run:      shares
// Look for: two processes count in the same memory, under a lock that lies in it; its owner dies, it lives on.
// Why:      shared pages are in both page tables: no call, no copy. What lies there must keep order by itself.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/process.hh"
#include "userlib/process/process_mutex.hh"
#include "userlib/process/shared_memory.hh"
#include "userlib/thread/lock.hh"

namespace weft {
namespace {

constexpr int k_each = 1000;

struct Counter {
  process_mutex lock;
  int count = 0;
};

void count_together(Counter& counter) {
  const auto add = [&counter] {
    for (int i = 0; i < k_each; ++i) {
      const lock_guard guard(counter.lock);
      ++counter.count;
    }
  };
  auto other = process::run(add);
  add();
  other->wait();
  print("  two processes counted to {} of {}\n", counter.count, 2 * k_each);
}

void owner_dies(Counter& counter) {
  auto owner = process::run([&counter] {
    counter.lock.lock();
    sys::exit_group(0);  // with the key in its pocket
  });
  owner->wait();
  const lock_guard guard(counter.lock);
  print("  the lock's owner died: the next one gets it and is told: {}\n",
        counter.lock.owner_died());
  counter.lock.make_consistent();
}

// A segment with a key: found by whoever knows that, also when its maker is gone.
void by_key() {
  const int key = 0x5100'0000 + sys::getpid().value_or(0);
  auto maker = process::run([key] {
    const auto made = sys::shmget(key, sizeof(int), abi::k_ipc_creat | abi::k_ipc_excl | 0600);
    const auto memory = made ? sys::shmat(static_cast<int>(*made), nullptr, 0) : fail(made.error());
    if (!memory) return 1;
    *static_cast<int*>(*memory) = 42;
    return 0;
  });
  print("  its maker wrote and is gone: {}\n", maker->wait().success());
  const int segment = static_cast<int>(sys::shmget(key, sizeof(int), 0).value_or(-1));
  const auto memory = sys::shmat(segment, nullptr, abi::k_shm_rdonly);
  print("  who has the key finds {}\n", memory ? *static_cast<int*>(*memory) : 0);
  if (memory) (void)sys::shmdt(*memory);
  (void)sys::shmctl(segment, abi::k_ipc_rmid, nullptr);
  print("  removed; with its key: {}\n", describe(sys::shmget(key, sizeof(int), 0).error()));
}

}  // namespace

int shares_main(Arguments) {
  print("memory shared with one's children (mmap)\n");
  const shared<Counter> counter;
  count_together(*counter);
  owner_dies(*counter);
  print("memory with a key (System V)\n");
  by_key();
  return 0;
}

}  // namespace weft
