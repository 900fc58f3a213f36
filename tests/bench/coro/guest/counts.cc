// What processes, threads and coroutines cost in instructions: run on Weft with the clock that ticks once
// for each of them (make bench-coro-counts), it prints a table. On Linux the figures are time stamps.
#include <x86intrin.h>

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/vector.hh"
#include "userlib/coro/list.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/process/fork.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

using namespace coro;

constexpr int k_rounds = 1000;

// Ticks of one of `count`, to a tenth; the first run warms up.
template <typename Run>
uint64_t tenths_of(int count, Run run) {
  run();
  const uint64_t before = __rdtsc();
  run();
  return (__rdtsc() - before) * 10 / static_cast<uint64_t>(count);
}

void report(const char* name, uint64_t tenths) {
  print("{:28} {:>8}.{}\n", name, tenths / 10, tenths % 10);
}

// ---- Switches: each of two goes k_rounds times. ------------------------------------------------------

// Eight yields in a row, so that the loop's own instructions are few.
void yield_often() {
  for (int i = 0; i < k_rounds; i += 8) {
    yield();
    yield();
    yield();
    yield();
    yield();
    yield();
    yield();
    yield();
  }
}

void give_way_often() {
  for (int i = 0; i < k_rounds; ++i) (void)sys::sched_yield();
}

uint64_t coroutine_switch() {
  auto other = go([] {
    yield_often();
    yield_often();
  });
  yield();
  const uint64_t tenths = tenths_of(2 * k_rounds, yield_often);
  other.join();
  return tenths;
}

uint64_t thread_switch() {
  thread other([] {
    give_way_often();
    give_way_often();
  });
  (void)sys::sched_yield();
  const uint64_t tenths = tenths_of(2 * k_rounds, give_way_often);
  other.join();
  return tenths;
}

void wait_for(int32_t child) { (void)sys::wait4(child, nullptr, 0, nullptr); }

uint64_t process_switch() {
  out.flush();
  const auto child = fork_process();
  if (!child) return 0;
  if (*child == 0) {
    give_way_often();
    give_way_often();
    sys::exit_group(0);
  }
  (void)sys::sched_yield();
  const uint64_t tenths = tenths_of(2 * k_rounds, give_way_often);
  wait_for(*child);
  return tenths;
}

// ---- Beginnings and ends -----------------------------------------------------------------------------

template <typename BeginAndEnd>
uint64_t create_join(BeginAndEnd begin_and_end) {
  return tenths_of(k_rounds, [&] {
    for (int i = 0; i < k_rounds; ++i) begin_and_end();
  });
}

void begin_and_end_process() {
  const auto child = fork_process();
  if (child && *child == 0) sys::exit_group(0);
  if (child) wait_for(*child);
}

// ---- The listing -------------------------------------------------------------------------------------

// A coroutine's share of a dump of many that wait for the same.
uint64_t dump_of_one() {
  const auto nowhere = open_file("/dev/null", abi::k_o_wronly);
  if (!nowhere) return 0;
  event gate;
  Vector<handle<void>> all;
  for (int i = 0; i < k_rounds; ++i)
    all.push_back(go({.stack = StackSize::packed_1k}, [&] { gate.wait(); }));
  yield();
  const uint64_t tenths = tenths_of(k_rounds, [&] { dump_coroutines(nowhere->get()); });
  gate.set();
  for (auto& each : all) each.join();
  return tenths;
}

void measure() {
  out.flush();
  print("instructions                 switch of one\n");
  report("  process", process_switch());
  report("  thread", thread_switch());
  report("  coroutine", coroutine_switch());
  print("                             create and join\n");
  out.flush();
  report("  process", create_join(begin_and_end_process));
  report("  thread", create_join([] { thread([] {}).join(); }));
  report("  coroutine, by the queue", create_join([] { go([] {}).join(); }));
  report("  coroutine, at once", create_join([] { go({.launch = Launch::now}, [] {}).join(); }));
  print("                             a dump of many alike\n");
  report("  coroutine", dump_of_one());
}

}  // namespace
}  // namespace weft

int main(int, char**) {
  weft::coro::run({.mode = weft::coro::Mode::lone}, weft::measure);
  return 0;
}
