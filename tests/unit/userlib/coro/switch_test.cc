// The three forms of the switch (coro/switch.hh, switch.S), by themselves, without the runtime around them.
#include "userlib/coro/switch.hh"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

extern "C" void weft_coro_switch(weft::coro::Context& from, const weft::coro::Context& to);

namespace weft::coro {
namespace {

struct Inline {
  [[gnu::always_inline]] static void change(Context& from, const Context& to) {
    switch_context(from, to);
  }
};
struct ByJump {
  [[gnu::always_inline]] static void change(Context& from, const Context& to) {
    switch_by_jump(from, to);
  }
};
struct ByTheAbi {
  [[gnu::always_inline]] static void change(Context& from, const Context& to) {
    weft_coro_switch(from, to);
  }
};

Context here, there;

// Nothing is left in it of an earlier test.
void clear(Context& context) {
  context.resume_at.store(0, relaxed);
  context.stack_pointer = context.frame_pointer = 0;
}

// A context that begins with a function, which may not return.
void prepare(void (*begin)()) {
  clear(here);
  alignas(16) static std::array<std::byte, 256 * 1024> stack;
  there.stack_pointer = reinterpret_cast<uintptr_t>(stack.data() + stack.size()) - 8;
  there.frame_pointer = 0;
  there.resume_at.store(reinterpret_cast<uintptr_t>(begin), relaxed);
}

// More values than there are registers, all alive over each switch, whose sum tells whether all are whole.
template <typename Form>
[[gnu::always_inline]] inline uint64_t keep_values(Context& mine, Context& other, uint64_t seed) {
  uint64_t values[20];
  double fraction = 0.5 + static_cast<double>(seed);
  for (uint64_t i = 0; i < 20; ++i) {
    asm volatile("" : "=r"(values[i]) : "0"(seed + i));
  }
  asm volatile("" : "+x"(fraction));
  for (int turn = 0; turn < 3; ++turn) {
    Form::change(mine, other);
    Form::change(mine, other);
  }
  uint64_t sum = static_cast<uint64_t>(2 * fraction);
  for (const uint64_t value : values) sum += value;
  return sum;
}
constexpr uint64_t whole_sum(uint64_t seed) { return 2 * seed + 1 + 20 * seed + 190; }

template <typename Form>
class Switch : public testing::Test {};
using Forms = testing::Types<Inline, ByJump, ByTheAbi>;
TYPED_TEST_SUITE(Switch, Forms);

uint64_t sum_there = 0;

template <typename Form>
[[noreturn]] void keep_values_there() {
  sum_there = keep_values<Form>(there, here, 1000);
  for (;;) Form::change(there, here);
}

TYPED_TEST(Switch, KeepsWhatIsAliveOnBothSides) {
  sum_there = 0;
  prepare(&keep_values_there<TypeParam>);
  EXPECT_EQ(keep_values<TypeParam>(here, there, 7), whole_sum(7));
  TypeParam::change(here, there);
  EXPECT_EQ(sum_there, whole_sum(1000));
}

// Whoever stopped in one form goes on by any other.
template <typename Form>
[[noreturn]] void take_turns_of_all_forms() {
  for (;;) {
    switch_context(there, here);
    switch_by_jump(there, here);
    weft_coro_switch(there, here);
  }
}

TYPED_TEST(Switch, GoesOnWithWhoStoppedInAnother) {
  prepare(&take_turns_of_all_forms<TypeParam>);
  for (int turn = 0; turn < 7; ++turn) TypeParam::change(here, there);
  EXPECT_NE(there.resume_at.load(relaxed),
            reinterpret_cast<uintptr_t>(&take_turns_of_all_forms<TypeParam>));
}

TYPED_TEST(Switch, ToItselfComesBackAtOnce) {
  clear(here);
  TypeParam::change(here, here);
  EXPECT_NE(here.resume_at.load(relaxed), 0u);
}

}  // namespace
}  // namespace weft::coro
