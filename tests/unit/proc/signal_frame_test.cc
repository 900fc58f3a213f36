#include "core/proc/signal_frame.hh"

#include <gtest/gtest.h>

#include "core/proc/process.hh"
#include "unit/support/machine.hh"
#include "unit/support/user_space.hh"

namespace weft::proc {
namespace {

constexpr VirtAddr k_stack = 0x10'0000, k_stack_size = 0x4000;
constexpr VirtAddr k_other = 0x20'0000;
constexpr abi::SignalAction k_action{
    .handler = 0x4000, .flags = abi::k_sa_siginfo, .restorer = 0x5000, .mask = 0};

// One thread with a stack and room for another.
struct World {
  World() {
    process.actions = SignalActions::make().value();
    for (const VirtAddr at : {k_stack, k_other}) {
      EXPECT_TRUE(space->map({.address = at,
                              .size = k_stack_size,
                              .access = mm::Access::read | mm::Access::write,
                              .is_fixed = true}));
    }
    space.write(k_stack, 0);  // from here on copies go to this space
    uint64_t value = 1;
    for (uint64_t* word = &registers.r15; word <= &registers.rax; ++word) *word = value++;
    registers.rip = 0x1234;
    registers.rsp = k_stack + k_stack_size - 8;
    registers.rflags = 0x202;
  }

  Result<> push(uint64_t more_flags = 0, SignalSet blocked = 6) {
    abi::SignalAction action = k_action;
    action.flags |= more_flags;
    SignalInfo info{};
    info.signal = 10;
    info.code = 77;
    return push_frame(self, registers, action, info, blocked);
  }
  // As the handler's return does: the restorer's address is taken, then comes rt_sigreturn.
  Result<> pop() {
    registers.rsp += 8;
    return pop_frame(self, registers);
  }

  host::UserSpace space;
  Process process;
  Thread thread{"thread"};
  UserThread self{thread, process};
  Registers registers{};
};

template <typename Body>
void in_world(Body body) {
  host::Machine().run([&] {
    World world;
    body(world);
  });
}

}  // namespace

TEST(SignalFrame, StartsTheHandlerAsAFunctionWithItsArguments) {
  in_world([](World& world) {
    const uint64_t old_stack = world.registers.rsp;
    ASSERT_TRUE(world.push().has_value());
    const Registers& registers = world.registers;
    EXPECT_EQ(registers.rip, 0x4000u);
    EXPECT_EQ(registers.rdi, 10u);
    EXPECT_EQ((registers.rsp + 8) % 16, 0u);
    EXPECT_LT(registers.rsp, old_stack - 128 - sizeof(abi::UserContext));
    EXPECT_EQ(world.space.read(registers.rsp) & 0xff, 0x5000u & 0xff);
    EXPECT_EQ(registers.rdx, registers.rsp + 8);
    EXPECT_EQ(registers.rsi, registers.rdx + sizeof(abi::UserContext));
  });
}

TEST(SignalFrame, BringsEverythingBack) {
  in_world([](World& world) {
    const Registers before = world.registers;
    ASSERT_TRUE(world.push(0, 6).has_value());
    for (uint64_t* word = &world.registers.r15; word <= &world.registers.rax; ++word) *word = 0;
    world.registers.rip = 1;
    ASSERT_TRUE(world.pop().has_value());
    EXPECT_EQ(memcmp(&world.registers, &before, offsetof(Registers, vector)), 0);
    EXPECT_EQ(world.registers.rip, before.rip);
    EXPECT_EQ(world.registers.rsp, before.rsp);
    EXPECT_EQ(world.self.blocked, 6u);
  });
}

TEST(SignalFrame, GivesNoRightsAndBlocksNotTheUnblockable) {
  in_world([](World& world) {
    world.registers.rflags = ~uint64_t{0};
    world.registers.cs = 8;
    ASSERT_TRUE(world.push(0, ~SignalSet{0}).has_value());
    ASSERT_TRUE(world.pop().has_value());
    EXPECT_EQ(world.registers.rflags & 0x3000, 0u);     // the I/O level
    EXPECT_EQ(world.registers.rflags & 0x200, 0x200u);  // interrupts
    EXPECT_EQ(world.registers.cs & 3, 3u);
    EXPECT_EQ(world.self.blocked, ~k_unblockable);
  });
}

TEST(SignalFrame, FailsWithoutRoom) {
  in_world([](World& world) {
    const Registers before = world.registers;
    world.registers.rsp = 64;
    EXPECT_EQ(world.push().error(), Errno::fault);
    world.registers = before;
    world.registers.rsp = 0x90'0000;  // where nothing is mapped
    EXPECT_EQ(world.push().error(), Errno::fault);
    EXPECT_EQ(world.pop().error(), Errno::fault);
  });
}

TEST(SignalFrame, TakesTheOtherStackIfTheActionWantsItAndStaysThere) {
  in_world([](World& world) {
    const abi::SignalStack other{.base = k_other, .flags = 0, .size = k_stack_size};
    ASSERT_TRUE(set_other_stack(world.self, world.registers.rsp, other).has_value());
    const Registers before = world.registers;
    ASSERT_TRUE(world.push().has_value());
    EXPECT_LT(world.registers.rsp, k_other);
    world.registers = before;
    ASSERT_TRUE(world.push(abi::k_sa_onstack).has_value());
    const uint64_t first = world.registers.rsp;
    EXPECT_TRUE(first > k_other && first < k_other + k_stack_size);
    EXPECT_EQ(other_stack(world.self, first).flags, static_cast<int32_t>(abi::k_ss_onstack));
    EXPECT_EQ(set_other_stack(world.self, first, other).error(), Errno::perm);
    ASSERT_TRUE(world.push(abi::k_sa_onstack).has_value());
    EXPECT_LT(world.registers.rsp, first);
    world.registers.rsp = k_other + 300;  // the next one would leave it
    EXPECT_EQ(world.push().error(), Errno::fault);
  });
}

TEST(SignalFrame, DisarmsTheOtherStackMeanwhileIfThatIsWanted) {
  in_world([](World& world) {
    const abi::SignalStack other{
        .base = k_other, .flags = static_cast<int32_t>(abi::k_ss_autodisarm), .size = k_stack_size};
    ASSERT_TRUE(set_other_stack(world.self, world.registers.rsp, other).has_value());
    ASSERT_TRUE(world.push(abi::k_sa_onstack).has_value());
    EXPECT_EQ(other_stack(world.self, world.registers.rsp).flags,
              static_cast<int32_t>(abi::k_ss_disable));
    ASSERT_TRUE(world.pop().has_value());
    EXPECT_EQ(world.self.other_stack.base, k_other);
  });
}

TEST(SignalFrame, OtherStacksAreChecked) {
  in_world([](World& world) {
    const VirtAddr here = world.registers.rsp;
    EXPECT_EQ(
        set_other_stack(world.self, here, {.base = k_other, .flags = 0, .size = 2047}).error(),
        Errno::nomem);
    EXPECT_EQ(
        set_other_stack(world.self, here, {.base = k_other, .flags = 77, .size = 8192}).error(),
        Errno::inval);
    EXPECT_TRUE(set_other_stack(world.self, here, {.base = k_other, .flags = 0, .size = 2048}));
    EXPECT_TRUE(
        set_other_stack(world.self, here,
                        {.base = 1, .flags = static_cast<int32_t>(abi::k_ss_disable), .size = 9}));
    EXPECT_EQ(world.self.other_stack.size, 0u);
  });
}

}  // namespace weft::proc
