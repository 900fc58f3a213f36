// Run:      parallel [--csv]      (with two CPUs or more; `make trace CMD=parallel CPUS=2` draws it)
// Look for: two threads on one CPU take as long as one after the other; on two CPUs about half of that.
// Why:      at once in turns is concurrency, at once in fact is parallelism. The work is the same in both.
#include "userlib/bin/demos/cpus.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr int k_steps = 2'000'000;

void one_after_the_other() {
  work(k_steps);
  work(k_steps);
}

void two_threads() {
  thread other([] { work(k_steps); });
  work(k_steps);
  other.join();
}

void measure(const Table& table, std::string_view how, void (*run)()) {
  const Stopwatch watch;
  run();
  table.row({how, static_cast<double>(watch.elapsed()) / k_millisecond,
             static_cast<double>(watch.worked()) / k_millisecond});
}

}  // namespace

int parallel_main(Arguments arguments) {
  const Table table(arguments, {"two pieces of work", "ms", "ms of CPU time"});
  const Result<cpu_set> all = get_cpus(0);
  (void)set_cpus(0, one_cpu());
  measure(table, "one after the other", one_after_the_other);
  measure(table, "two threads, one CPU", two_threads);
  if (all) (void)set_cpus(0, *all);
  measure(table, "two threads, all CPUs", two_threads);
  return 0;
}

}  // namespace weft
