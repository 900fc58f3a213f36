// Run:      toomany [--csv]
// Look for: the same work for more and more tasks: what threads get done falls, what coroutines do hardly.
// Why:      each turn has a price: a switch, and a stack to be made and warmed. When turns are short and tasks
//           many, the price is what the time is spent on.
#include "userlib/base/vector.hh"
#include "userlib/bin/demos/cpus.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr int k_turns = 2048;  // of all tasks together
constexpr int k_steps = 200;   // of work in a turn

void by_threads(int tasks) {
  Vector<thread> all;
  for (int i = 0; i < tasks; ++i) {
    all.push_back(thread([&] {
      for (int turn = 0; turn < k_turns / tasks; ++turn) {
        work(k_steps);
        this_thread::yield();
      }
    }));
  }
  for (thread& each : all) each.join();
}

void by_coroutines(int tasks) {
  coro::run([&] {
    for (int i = 0; i < tasks; ++i) {
      coro::go([&] {
        for (int turn = 0; turn < k_turns / tasks; ++turn) {
          work(k_steps);
          coro::yield();
        }
      }).detach();
    }
  });
}

double turns_in_a_millisecond(void (*run)(int), int tasks) {
  const Stopwatch watch;
  run(tasks);
  return k_turns * static_cast<double>(k_millisecond) / static_cast<double>(watch.elapsed());
}

}  // namespace

int toomany_main(Arguments arguments) {
  const Table table(arguments, {"tasks", "threads, turns/ms", "coroutines, turns/ms"});
  for (int tasks = 1; tasks <= 256; tasks *= 4) {
    table.row({tasks, turns_in_a_millisecond(by_threads, tasks),
               turns_in_a_millisecond(by_coroutines, tasks)});
  }
  return 0;
}

}  // namespace weft
