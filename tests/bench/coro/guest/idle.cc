// What a process takes of the CPU while all of its coroutines wait, on Weft: the process's CPU time in a second,
// whose nanoseconds are instructions there (compare.py reads them).
#include "userlib/base/print.hh"
#include "userlib/base/vector.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

uint64_t cpu_time() {
  abi::Timespec time = {};
  (void)sys::clock_gettime(abi::k_clock_process_cputime_id, &time);
  return static_cast<uint64_t>(time.seconds) * k_second + static_cast<uint64_t>(time.nanoseconds);
}

void report(const char* name, coro::Options options) {
  coro::event gate;
  thread runtime([&] {
    coro::run(options, [&] {
      Vector<coro::handle<bool>> all;
      for (int i = 0; i < 1000; ++i) all.push_back(coro::go([&] { return gate.wait_for(1h); }));
      for (auto& each : all) (void)each.join();
    });
  });
  this_thread::sleep_for(200ms);  // they come to rest
  const uint64_t before = cpu_time();
  this_thread::sleep_for(1s);
  const uint64_t taken = cpu_time() - before;
  gate.set();
  runtime.join();
  print("{} {}\n", name, taken);
}

}  // namespace
}  // namespace weft

int main(int, char**) {
  weft::report("idle_lone", {.mode = weft::coro::Mode::lone});
  weft::report("idle_shared", {.mode = weft::coro::Mode::shared, .workers = 4});
  return 0;
}
