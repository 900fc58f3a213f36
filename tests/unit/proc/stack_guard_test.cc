// Which thread overran its stack, as the machine's fault handler asks.
#include <cstddef>

#include <gtest/gtest.h>

#include "core/mm/kernel_stack.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

TEST(StackGuard, NamesTheThreadThatRuns) {
  host::Machine machine;
  machine.run([] {
    host::start({.name = "deep"}, [] {
      const auto base = reinterpret_cast<VirtAddr>(hal::current()->stack_base);
      EXPECT_EQ(upcall::stack_guard_owner(base - 1), "deep");
      EXPECT_EQ(upcall::stack_guard_owner(base - k_page_size), "deep");
      EXPECT_EQ(upcall::stack_guard_owner(base), "");
      EXPECT_EQ(upcall::stack_guard_owner(0), "");
    }).join();
  });
}

TEST(StackGuard, AnotherThreadsGuardIsToldApart) {
  host::Machine machine;
  machine.run([] {
    ThreadHandle other = host::start({.name = "other"}, [] {});
    const auto base = reinterpret_cast<VirtAddr>(other->stack_base);
    EXPECT_EQ(upcall::stack_guard_owner(base - 1), "another thread");
    other.join();
  });
}

}  // namespace
}  // namespace weft
