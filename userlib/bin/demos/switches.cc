// Run:      switches [--csv]
// Look for: two that take turns, by the same two semaphores: what a turn costs at each of the three levels.
// Why:      processes change the address space, threads only enter the kernel, coroutines not even that.
#include "userlib/bin/demos/cpus.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/process/process.hh"
#include "userlib/process/process_semaphore.hh"
#include "userlib/process/shared_memory.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr int k_rounds = 1000;

template <typename Semaphore>
struct Turns {
  Semaphore mine{0};
  Semaphore yours{0};

  void begin() {
    for (int i = 0; i < k_rounds; ++i) {
      yours.release();
      mine.acquire();
    }
  }
  void follow() {
    for (int i = 0; i < k_rounds; ++i) {
      yours.acquire();
      mine.release();
    }
  }
};

void processes() {
  const shared<Turns<process_semaphore>> turns;
  auto other = process::run([&] { turns->follow(); });
  turns->begin();
  other->wait();
}

void threads() {
  Turns<counting_semaphore<>> turns;
  thread other([&] { turns.follow(); });
  turns.begin();
  other.join();
}

void coroutines() {
  coro::run(coro::Options{.mode = coro::Mode::lone}, [] {
    Turns<coro::counting_semaphore<>> turns;
    auto other = coro::go([&] { turns.follow(); });
    turns.begin();
    other.join();
  });
}

void measure(const Table& table, std::string_view who, void (*run)()) {
  const Stopwatch watch;
  run();
  table.row({who, static_cast<double>(watch.elapsed()) / (2 * k_rounds)});
}

}  // namespace

int switches_main(Arguments arguments) {
  (void)set_cpus(0, one_cpu());  // all on one CPU: so one can only go on when the other has stopped
  const Table table(arguments, {"between two", "ns a turn"});
  measure(table, "processes", processes);
  measure(table, "threads", threads);
  measure(table, "coroutines", coroutines);
  return 0;
}

}  // namespace weft
