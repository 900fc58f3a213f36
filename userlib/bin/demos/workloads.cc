// Run:      workloads [--csv]
// Look for: eight pieces of work for 1, 2, 4 and 8 workers. What waits gains from each worker more, what
//           computes gains nothing from more workers than CPUs.
// Why:      waiting needs no CPU, so everybody can do it at once. The lighter the worker, the less it costs.
#include "userlib/base/vector.hh"
#include "userlib/bin/demos/cpus.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/process/process.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr int k_pieces = 8;
constexpr int k_steps = 100'000;
constexpr Nanoseconds k_wait = 3 * k_millisecond;

struct Kind {
  std::string_view name;
  void (*do_piece)();
};
constexpr Kind k_computes = {"computes", [] { work(k_steps); }};
// From a coroutine this stops the coroutine alone, from a thread the thread.
constexpr Kind k_waits = {"waits", [] { (void)coro::sleep_for(k_wait); }};

// What each worker does: its share.
void do_share(const Kind& kind, int workers) {
  for (int piece = 0; piece < k_pieces / workers; ++piece) kind.do_piece();
}

void by_processes(const Kind& kind, int workers) {
  Vector<process> all;
  for (int i = 0; i < workers; ++i)
    all.push_back(process::run([&] { do_share(kind, workers); }).value());
  for (process& each : all) each.wait();
}

void by_threads(const Kind& kind, int workers) {
  Vector<thread> all;
  for (int i = 0; i < workers; ++i) all.push_back(thread([&] { do_share(kind, workers); }));
  for (thread& each : all) each.join();
}

void by_coroutines(const Kind& kind, int workers) {
  coro::run([&] {
    for (int i = 0; i < workers; ++i) coro::go([&] { do_share(kind, workers); }).detach();
  });
}

double measure(void (*run)(const Kind&, int), const Kind& kind, int workers) {
  const Stopwatch watch;
  run(kind, workers);
  return static_cast<double>(watch.elapsed()) / k_millisecond;
}

}  // namespace

int workloads_main(Arguments arguments) {
  const Table table(arguments,
                    {"the work, and workers", "processes, ms", "threads, ms", "coroutines, ms"});
  for (const Kind& kind : {k_computes, k_waits}) {
    for (const int workers : {1, 2, 4, 8}) {
      table.row({Text<40>("{}, {}", kind.name, workers).view(),
                 measure(by_processes, kind, workers), measure(by_threads, kind, workers),
                 measure(by_coroutines, kind, workers)});
    }
  }
  return 0;
}

}  // namespace weft
