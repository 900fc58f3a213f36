// Polling with host threads as CPUs, under TSan.
#include "unit/ipc/polling_scenarios.hh"
#include "unit/support/machine.hh"

namespace weft {
namespace {

TEST(PollingScenariosOnThreads, FilesAndSetsEndAtTheSameTime) {
  for (const unsigned cpus : {1u, 2u, 4u}) {
    host::Machine({.cpus = cpus}).run([] { scenarios::files_and_sets_end(20); });
  }
}

TEST(PollingScenariosOnThreads, ASetIsAskedWhileFilesGo) {
  for (const unsigned cpus : {1u, 2u, 4u}) {
    host::Machine({.cpus = cpus}).run([] { scenarios::a_set_is_asked_while_files_go(200); });
  }
}

TEST(PollingScenariosOnThreads, NoEventIsLost) {
  for (const unsigned cpus : {1u, 2u, 4u}) {
    host::Machine({.cpus = cpus}).run([] { scenarios::no_event_is_lost(40); });
  }
}

}  // namespace
}  // namespace weft
