// Lab coroutine, part 3: weft_coro_switch() (userlib/coro/switch.S), by itself, without the runtime around it.
#include <array>

#include <gtest/gtest.h>

#include "labs/support/registers.hh"
#include "userlib/coro/switch.hh"

namespace weft::coro {

// The name in switch.S. Both arguments are addresses of a Context.
void lab_coro_switch(void* from, void* to) asm("weft_coro_switch");

namespace {

// A context that begins with a function, which may not return.
struct Other {
  explicit Other(void (*begin)()) {
    context.stack_pointer = reinterpret_cast<uintptr_t>(stack.data() + stack.size()) - 8;
    context.resume_at.store(reinterpret_cast<uintptr_t>(begin), relaxed);
    labs::lab_here = &here;
    labs::lab_there = &context;
    labs::lab_switch = lab_coro_switch;
  }

  Context here;
  Context context;
  alignas(16) std::array<std::byte, 256 * 1024> stack{};
};

TEST(LabSwitch, KeepsTheRegistersThatACallKeeps) {
  static Other other(&labs::lab_spoil_registers);
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_EQ(labs::lost_by_switch(&other.here, &other.context, lab_coro_switch), "");
  }
}

int counted = 0;

[[noreturn]] void count_for_ever() {
  for (int mine = 1;; ++mine) {  // lives on its own stack
    counted = mine;
    lab_coro_switch(labs::lab_there, labs::lab_here);
  }
}

TEST(LabSwitch, TwoTakeTurns) {
  static Other other(&count_for_ever);
  for (int turn = 1; turn <= 100; ++turn) {
    lab_coro_switch(&other.here, &other.context);
    EXPECT_EQ(counted, turn);
  }
}

// The first word of a context is written last: another CPU takes it for the sign that all is saved.
TEST(LabSwitch, LeavesAContextThatCanBeGoneOnWith) {
  static Other other(&labs::lab_spoil_registers);
  ASSERT_EQ(labs::lost_by_switch(&other.here, &other.context, lab_coro_switch), "");
  EXPECT_NE(other.context.resume_at.load(relaxed),
            reinterpret_cast<uintptr_t>(&labs::lab_spoil_registers));
  const auto first = reinterpret_cast<uintptr_t>(other.stack.data());
  EXPECT_GT(other.context.stack_pointer, first);
  EXPECT_LT(other.context.stack_pointer, first + other.stack.size());
  EXPECT_EQ(other.context.frame_pointer, ~uintptr_t{0});
}

}  // namespace
}  // namespace weft::coro
