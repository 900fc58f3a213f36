// Nothing to do: how much of a CPU the whole process takes, while all of its coroutines wait.
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

#include "measure.hh"
#include "userlib/coro/io.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::bench {
namespace {

using namespace coro;

// Of all threads: the workers', the monitor's, and ours.
double cpu_milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

// Milliseconds of CPU time in a second. As in a server at night: some wait for others, some have deadlines far
// away, and one waits for bytes.
double idle(Options options) {
  constexpr int k_waiting = 1000;
  constexpr Nanoseconds k_hour = 3600 * k_second;
  int ends[2];
  if (pipe(ends) != 0) return -1;
  event gate;
  std::thread runtime([&] {
    coro::run(options, [&] {
      auto reader = go([&] {
        char byte = 0;
        (void)coro::read(ends[0], &byte, 1);
      });
      std::vector<handle<void>> all;
      for (int i = 0; i < k_waiting; ++i) {
        all.push_back(go([&gate, has_deadline = i % 2 == 0] {
          if (has_deadline) return (void)gate.wait_until(now() + k_hour);
          gate.wait();
        }));
      }
      for (auto& each : all) each.join();
      reader.join();
    });
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // they come to rest
  const double before = cpu_milliseconds();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const double taken = cpu_milliseconds() - before;
  gate.set();
  if (write(ends[1], "", 1) != 1) return -1;
  runtime.join();
  close(ends[0]);
  close(ends[1]);
  return taken;
}

}  // namespace

const Measure k_idle[] = {
    {"idle_lone", [] { return idle({.mode = Mode::lone}); }},
    {"idle_shared", [] { return idle({.mode = Mode::shared, .workers = 4}); }},
    {"idle_sliced",
     [] { return idle({.mode = Mode::shared, .workers = 4, .time_slice = 10 * k_millisecond}); }},
    {nullptr, nullptr}};

}  // namespace weft::bench
