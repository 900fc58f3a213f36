// The scenarios on real threads.
#include <gtest/gtest.h>

#include "unit/ipc/communication_scenarios.hh"
#include "unit/support/machine.hh"

namespace weft {
namespace {

using host::Machine;

TEST(CommunicationOnThreads, EndsCloseWhileTheyTalk) {
  Machine({.cpus = 3}).run([] { scenarios::ends_close_while_they_talk(50); });
}

TEST(CommunicationOnThreads, BytesComeThrough) {
  Machine({.cpus = 3}).run([] { scenarios::bytes_come_through(300); });
}

TEST(CommunicationOnThreads, ASemaphoreIsALock) {
  Machine({.cpus = 3}).run([] { scenarios::semaphore_is_a_lock(300); });
}

TEST(CommunicationOnThreads, MessagesFindTheirReceivers) {
  Machine({.cpus = 3}).run([] { scenarios::messages_find_their_receivers(300); });
}

}  // namespace
}  // namespace weft
