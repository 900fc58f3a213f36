// Pipes with host threads as CPUs, under TSan.
#include "unit/ipc/pipe_scenarios.hh"
#include "unit/support/machine.hh"

namespace weft {
namespace {

TEST(PipeScenariosOnThreads, BytesComeThroughOnce) {
  for (const unsigned cpus : {1u, 2u, 4u}) {
    host::Machine({.cpus = cpus}).run([] { scenarios::bytes_come_through_once(2, 3, 40); });
  }
}

TEST(PipeScenariosOnThreads, EndsCloseUnderThoseWhoWait) {
  for (const unsigned cpus : {1u, 2u, 4u}) {
    host::Machine({.cpus = cpus}).run([] { scenarios::ends_close_under_waiters(20); });
  }
}

}  // namespace
}  // namespace weft
