// What coroutines cost in instructions: run on Weft with the clock that ticks once for each of them
// (tools/weft run --icount), it prints a line for each operation. On Linux the figures are nanoseconds.
#include <x86intrin.h>

#include "userlib/base/print.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

using namespace coro;

constexpr int k_rounds = 1000;

// Ticks of one of k_rounds, to a tenth.
void report(const char* name, uint64_t before, uint64_t per_round) {
  const uint64_t tenths = (__rdtsc() - before) * 10 / k_rounds / per_round;
  print("coro {} {}.{}\n", name, tenths / 10, tenths % 10);
}

// Eight yields in a row, so that the loop's own instructions are few.
void yield_often() {
  for (int i = 0; i < k_rounds; ++i) {
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

void measure() {
  for (int round = 0; round < 2; ++round) {  // the first one warms up
    auto other = go(yield_often);
    yield();
    uint64_t start = __rdtsc();
    yield_often();
    if (round == 1) report("yield", start, 16);
    other.join();
    start = __rdtsc();
    for (int i = 0; i < k_rounds; ++i) go({.launch = Launch::now}, [] {}).join();
    if (round == 1) report("spawn_join", start, 1);
    start = __rdtsc();
    for (int i = 0; i < k_rounds; ++i) go([] {}).join();
    if (round == 1) report("spawn_join_queued", start, 1);
    start = __rdtsc();
    for (int i = 0; i < k_rounds; ++i) thread([] {}).join();
    if (round == 1) report("thread_create_join", start, 1);
  }
}

}  // namespace
}  // namespace weft

int main(int, char**) {
  weft::coro::run({.mode = weft::coro::Mode::lone}, weft::measure);
  return 0;
}
