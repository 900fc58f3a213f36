// A yield in instructions, on Weft (compare.py reads them): of a lone worker, and of one that shares. It is
// built twice, the second time without a tracer.
#include <x86intrin.h>

#include "userlib/base/print.hh"
#include "userlib/coro/scheduler.hh"

namespace weft {
namespace {

using namespace coro;

constexpr int k_rounds = 10'000;

void yield_often() {
  for (int i = 0; i < k_rounds; i += 4) {
    yield();
    yield();
    yield();
    yield();
  }
}

// Two take turns; the first round warms up.
uint64_t hundredths_of_yield() {
  auto other = go([] {
    yield_often();
    yield_often();
  });
  yield_often();
  const uint64_t before = __rdtsc();
  yield_often();
  const uint64_t taken = __rdtsc() - before;
  other.join();
  return taken * 100 / (2 * k_rounds);
}

void report(const char* name, Options options) {
  const uint64_t hundredths = coro::run(options, hundredths_of_yield);
  print("{} {}.{:02}\n", name, hundredths / 100, hundredths % 100);
}

}  // namespace
}  // namespace weft

int main(int, char**) {
  weft::report("yield_lone", {.mode = weft::coro::Mode::lone});
  // A single one, so that nobody steals one of the two; it does not know that it will stay so.
  weft::report("yield_shared", {.mode = weft::coro::Mode::shared, .workers = 1});
  return 0;
}
