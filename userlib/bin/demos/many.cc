// Run:      many [--csv]      (with two CPUs or more)
// Look for: two hundred coroutines that compute, on one worker, on one for each CPU, and in two processes.
// Why:      coroutines share the workers, and workers are threads: so coroutines do use all CPUs.
#include "userlib/bin/demos/cpus.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/process/process.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr int k_coroutines = 200;
constexpr int k_steps = 5000;

// How many of the workers got something to do.
int compute(unsigned workers, int coroutines) {
  Atomic<uint64_t> seen{0};
  coro::run(coro::Options{.workers = workers}, [&] {
    for (int i = 0; i < coroutines; ++i) {
      coro::go([&] {
        work(k_steps);
        coro::yield();  // it may go on on another thread than before
        seen.fetch_or(uint64_t{1} << this_thread::get_id().number() % 64, relaxed);
      }).detach();
    }
  });
  return __builtin_popcountll(seen.load(relaxed));
}

int on_one_worker() { return compute(1, k_coroutines); }
int on_all_cpus() { return compute(0, k_coroutines); }

int in_two_processes() {
  auto half = process::run([] { return compute(1, k_coroutines / 2); });
  const int mine = compute(1, k_coroutines / 2);
  return mine + half->wait().code();
}

void measure(const Table& table, std::string_view how, int (*run)()) {
  const Stopwatch watch;
  const int threads = run();
  table.row({how, static_cast<double>(watch.elapsed()) / k_millisecond, threads});
}

}  // namespace

int many_main(Arguments arguments) {
  const Table table(arguments, {"200 coroutines", "ms", "threads at work"});
  measure(table, "one worker", on_one_worker);
  measure(table, "a worker for each CPU", on_all_cpus);
  measure(table, "two processes of one worker", in_two_processes);
  return 0;
}

}  // namespace weft
