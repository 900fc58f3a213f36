// What is pending, without any process.
#include "core/proc/signal.hh"

#include <gtest/gtest.h>

namespace weft::proc {
namespace {

constexpr int k_one = 10, k_other = 12, k_fault = abi::k_sigsegv;

SignalInfo info_of(int signal, int code = 0) {
  SignalInfo info{};
  info.signal = signal;
  info.code = code;
  return info;
}

TEST(PendingSignals, ThePlaceForOneIsFreeAgainWhenItIsTaken) {
  PendingSignals pending;
  SignalInfo taken{};
  EXPECT_TRUE(pending.add_in_place(info_of(k_one, 3)));
  EXPECT_FALSE(pending.add_in_place(info_of(k_other)));
  EXPECT_FALSE(pending.take(bit_of(k_other), taken));
  ASSERT_TRUE(pending.take(bit_of(k_one) | bit_of(k_other), taken));
  EXPECT_EQ(taken.signal, k_one);
  EXPECT_EQ(taken.code, 3);
  EXPECT_EQ(pending.set(), 0u);
  EXPECT_TRUE(pending.add_in_place(info_of(k_other)));
}

TEST(PendingSignals, ThePlaceForOneDoesNotComeBeforeLowerNumbersAndFaults) {
  PendingSignals pending;
  SignalInfo taken{};
  EXPECT_TRUE(pending.add_in_place(info_of(k_other, 7)));
  pending.add_bare(k_one);
  pending.add_bare(k_fault);
  for (const int expected : {k_fault, k_one, k_other}) {
    ASSERT_TRUE(pending.take(~SignalSet{0}, taken));
    EXPECT_EQ(taken.signal, expected);
  }
  EXPECT_EQ(taken.code, 7);
  EXPECT_FALSE(pending.take(~SignalSet{0}, taken));
}

TEST(PendingSignals, WhatIsDroppedIsGone) {
  PendingSignals pending;
  SignalInfo taken{};
  EXPECT_TRUE(pending.add_in_place(info_of(k_one)));
  pending.drop(bit_of(k_other));
  EXPECT_TRUE(pending.contains(k_one));
  pending.drop(bit_of(k_one));
  EXPECT_FALSE(pending.take(~SignalSet{0}, taken));
  EXPECT_TRUE(pending.add_in_place(info_of(k_one)));
}

TEST(PendingSignals, ASendersOwnRecordLeavesThePlaceForOneAlone) {
  PendingSignals pending;
  QueuedSignal own;
  own.info = info_of(k_first_real_time + 3, 2);
  own.on_taken = [](QueuedSignal&, SignalInfo& info) { info.code = 5; };
  pending.add(own);
  EXPECT_TRUE(pending.add_in_place(info_of(k_one)));
  SignalInfo taken{};
  ASSERT_TRUE(pending.take(bit_of(own.info.signal), taken));
  EXPECT_EQ(taken.code, 5);
  EXPECT_EQ(pending.set(), bit_of(k_one));
}

}  // namespace
}  // namespace weft::proc
