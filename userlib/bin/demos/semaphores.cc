// Run:      semaphores
// Look for: two keys taken at once or not at all; a process dies with its keys, and they are back.
// Why:      a set of System V semaphores changes as a whole, and the kernel notes what to undo. A semaphore
//           in shared memory is faster, but nobody brings its keys back.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/process.hh"
#include "userlib/process/process_semaphore.hh"
#include "userlib/process/shared_memory.hh"

namespace weft {
namespace {

constexpr uint16_t k_knife = 0;
constexpr uint16_t k_fork = 1;

int value_of(int set, uint16_t number) {
  return static_cast<int>(sys::semctl(set, number, abi::k_getval, 0).value_or(-1));
}

void show(std::string_view when, int set) {
  print("  {:<32} knives {}, forks {}\n", when, value_of(set, k_knife), value_of(set, k_fork));
}

Result<> take_both(int set, int16_t flags) {
  const abi::SemaphoreOperation both[] = {{k_knife, -1, flags}, {k_fork, -1, flags}};
  return sys::semop(set, both, 2);
}

void in_a_set() {
  const int key = 0x5200'0000 + sys::getpid().value_or(0);
  const auto made = sys::semget(key, 2, abi::k_ipc_creat | abi::k_ipc_excl | 0600);
  ASSERT(made.has_value(), "there is room for a set of semaphores");
  const int set = static_cast<int>(*made);
  (void)sys::semctl(set, k_knife, abi::k_setval, 2);
  (void)sys::semctl(set, k_fork, abi::k_setval, 1);
  show("at the beginning", set);
  auto eater = process::run([set] {
    if (!take_both(set, static_cast<int16_t>(abi::k_sem_undo))) return 1;
    show("one takes a knife and a fork", set);
    const auto more = take_both(set, static_cast<int16_t>(abi::k_ipc_nowait));
    print("  another pair: {}\n", describe(more.error()));
    show("not even the knife was taken", set);
    out.flush();
    (void)sys::kill(sys::getpid().value_or(0), abi::k_sigkill);
    return 0;
  });
  eater->wait();
  show("the eater was killed", set);
  (void)sys::semctl(set, 0, abi::k_ipc_rmid, 0);
}

void in_shared_memory() {
  const shared<process_semaphore> keys(2);
  auto careless = process::run([&] { keys->acquire(); });
  careless->wait();
  const bool first = keys->try_acquire();
  print("  one left with a key: there is a second one: {}, a third one: {}\n", first,
        keys->try_acquire());
}

}  // namespace

int semaphores_main(Arguments) {
  print("a set of semaphores with a key (System V)\n");
  in_a_set();
  print("a semaphore in shared memory (a futex)\n");
  in_shared_memory();
  return 0;
}

}  // namespace weft
