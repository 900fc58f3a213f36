// The scenarios on simulated CPUs, in many orders.
#include <gtest/gtest.h>

#include "unit/ipc/communication_scenarios.hh"
#include "unit/support/machine.hh"

namespace weft {
namespace {

using host::Machine;

void for_machines(void (*scenario)(unsigned)) {
  host::for_seeds(20, [scenario](uint64_t seed) {
    Machine(host::options_for(seed)).run([scenario] { scenario(5); });
  });
}

TEST(Communication, EndsCloseWhileTheyTalk) { for_machines(scenarios::ends_close_while_they_talk); }
TEST(Communication, BytesComeThrough) { for_machines(scenarios::bytes_come_through); }
TEST(Communication, ASemaphoreIsALock) { for_machines(scenarios::semaphore_is_a_lock); }
TEST(Communication, MessagesFindTheirReceivers) {
  for_machines(scenarios::messages_find_their_receivers);
}

}  // namespace
}  // namespace weft
