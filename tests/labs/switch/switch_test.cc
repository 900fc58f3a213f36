// Lab switch: the kernel's switch_context() and init_context() by themselves, as a part of an ordinary program. It is
// plain code that changes stacks; nothing in it needs the kernel's rights.
#include <array>
#include <cstdint>

#include <gtest/gtest.h>

#include "core/hal.hh"
#include "labs/support/registers.hh"

namespace weft::labs {

// The name in switch.S.
void kernel_switch(void* from, void* to) asm("switch_context");

namespace {

struct alignas(16) Stack {
  std::array<uint64_t, 32 * 1024> words{};
  uint64_t* end() { return words.data() + words.size(); }
};

// As somebody who has stopped in switch_context() before: six registers, and where to go on.
void stop_as_in_the_picture(hal::Context& context, Stack& stack, void (*go_on)()) {
  uint64_t* saved = stack.end() - 1 - 7;
  for (int i = 0; i < 6; ++i) saved[i] = 0xdead;
  saved[6] = reinterpret_cast<uint64_t>(go_on);
  context.stack_pointer = saved;
}

TEST(LabSwitch, GoesOnWhereTheOtherStoppedAndKeepsTheRegisters) {
  static Stack stack;
  static hal::Context here, there;
  lab_here = &here;
  lab_there = &there;
  lab_switch = kernel_switch;
  stop_as_in_the_picture(there, stack, lab_spoil_registers);
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_EQ(lost_by_switch(&here, &there, kernel_switch), "");
  }
}

// Interrupts, debuggers and other CPUs look at a stack only from its stack pointer up.
TEST(LabSwitch, LeavesAllItKeepsAboveItsStackPointer) {
  static Stack stack;
  static hal::Context here, there;
  lab_here = &here;
  lab_there = &there;
  lab_switch = kernel_switch;
  stop_as_in_the_picture(there, stack, lab_spoil_registers);
  ASSERT_EQ(lost_by_switch(&here, &there, kernel_switch), "");
  auto* saved = static_cast<uint64_t*>(there.stack_pointer);
  ASSERT_GE(saved, stack.words.data());
  ASSERT_LE(saved + 7, stack.end());
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(saved[i], ~uint64_t{0}) << "register " << i << " from below";
}

int turns = 0;
uintptr_t argument_seen = 0;
uintptr_t frame_seen = 0;

[[noreturn]] void take_turns(void* argument) {
  argument_seen = reinterpret_cast<uintptr_t>(argument);
  frame_seen = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  for (int mine = 1;; ++mine) {  // lives on its own stack
    turns = mine;
    kernel_switch(lab_there, lab_here);
  }
}

void begin(hal::Context& here, hal::Context& there, Stack& stack) {
  lab_here = &here;
  lab_there = &there;
  hal::init_context(there, stack.words.data(), sizeof stack.words, take_turns,
                    reinterpret_cast<void*>(0x1234));
}

TEST(LabFirstEntry, CallsTheEntryWithItsArgument) {
  static Stack stack;
  static hal::Context here, there;
  begin(here, there, stack);
  kernel_switch(&here, &there);
  EXPECT_EQ(argument_seen, 0x1234u);
  EXPECT_EQ(turns, 1);
  for (int turn = 2; turn <= 50; ++turn) {
    kernel_switch(&here, &there);
    EXPECT_EQ(turns, turn);
  }
}

// Where a function begins, the stack pointer is 8 below a multiple of 16; so its frame is at a multiple of 16.
TEST(LabFirstEntry, TheStackIsAlignedAsForAnyCall) {
  static Stack stack;
  static hal::Context here, there;
  begin(here, there, stack);
  kernel_switch(&here, &there);
  EXPECT_EQ(frame_seen % 16, 0u);
  EXPECT_GT(frame_seen, reinterpret_cast<uintptr_t>(stack.words.data()));
  EXPECT_LE(frame_seen, reinterpret_cast<uintptr_t>(stack.end()));
}

TEST(LabFirstEntry, WritesOnlyOnItsOwnStack) {
  static std::array<Stack, 3> stacks;
  static hal::Context here, there;
  stacks[0].words.fill(1);
  stacks[2].words.fill(1);
  begin(here, there, stacks[1]);
  kernel_switch(&here, &there);
  for (const uint64_t word : stacks[0].words) ASSERT_EQ(word, 1u);
  for (const uint64_t word : stacks[2].words) ASSERT_EQ(word, 1u);
}

// A backtrace that follows the frame pointers ends at a 0.
TEST(LabFirstEntry, TheChainOfFramesEnds) {
  static Stack stack;
  static hal::Context here, there;
  begin(here, there, stack);
  kernel_switch(&here, &there);
  EXPECT_EQ(*reinterpret_cast<uint64_t*>(frame_seen), 0u);
}

}  // namespace
}  // namespace weft::labs
