// Run:      unlocked
// Look for: ten coroutines count without any lock and lose nothing, unless one yields between read and write.
// Why:      on one worker only one runs, and it decides when to let others; so what stands between two yields
//           happens as a whole.
#include "userlib/base/print.hh"
#include "userlib/base/vector.hh"
#include "userlib/bin/tools.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/thread/lock.hh"

namespace weft {
namespace {

constexpr int k_coroutines = 10;
constexpr int k_each = 100;

// What ten of them have counted, each so many times.
template <typename Step>
int count(coro::Mode mode, Step step) {
  int counter = 0;
  coro::run(coro::Options{.mode = mode}, [&] {
    Vector<coro::handle<void>> all;
    for (int i = 0; i < k_coroutines; ++i) {
      all.push_back(coro::go([&] {
        for (int turn = 0; turn < k_each; ++turn) step(counter);
      }));
    }
    coro::join_all(all);
  });
  return counter;
}

}  // namespace

int unlocked_main(Arguments) {
  print("ten coroutines add a hundred each\n");
  const int without = count(coro::Mode::lone, [](int& counter) {
    const int seen = counter;
    counter = seen + 1;
    coro::yield();
  });
  print("  one worker, no lock: {}\n", without);
  const int torn = count(coro::Mode::lone, [](int& counter) {
    const int seen = counter;
    coro::yield();
    counter = seen + 1;
  });
  print("  a yield between read and write: {}\n", torn);
  coro::mutex lock;
  const int locked = count(coro::Mode::shared, [&](int& counter) {
    const lock_guard guard(lock);
    const int seen = counter;
    coro::yield();
    counter = seen + 1;
  });
  print("  several workers, under a mutex: {}\n", locked);
  return 0;
}

}  // namespace weft
