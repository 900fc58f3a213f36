// Sets of semaphores: all or nothing, who waits is served in order, and what an end undoes.
#include "core/ipc/system_v/semaphores.hh"

#include <gtest/gtest.h>

#include <vector>

#include "core/sched/scheduler.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft::ipc::system_v {
namespace {

using host::Machine;
using Steps = std::vector<abi::SemaphoreOperation>;

constexpr auto k_undo = static_cast<int16_t>(abi::k_sem_undo);
constexpr auto k_nowait = static_cast<int16_t>(abi::k_ipc_nowait);
const Actor k_actor{.process = 10};

Ref<SemaphoreSet> make(uint32_t count) { return SemaphoreSet::make(count).value(); }

Result<> operate(SemaphoreSet& set, const Steps& steps, UndoRecord* undo = nullptr,
                 Instant deadline = k_never) {
  return set.operate(steps, undo, deadline, k_actor);
}
Errno error_of(const Result<>& result) { return result.has_value() ? Errno{} : result.error(); }
int32_t value(SemaphoreSet& set, uint32_t number) { return set.value(number, k_actor).value(); }

TEST(SemaphoreSet, AllOrNothing) {
  Machine().run([] {
    const Ref<SemaphoreSet> set = make(2);
    EXPECT_TRUE(operate(*set, {{0, 2, 0}}).has_value());
    EXPECT_EQ(error_of(operate(*set, {{0, -1, 0}, {1, -1, k_nowait}})), Errno::again);
    EXPECT_EQ(value(*set, 0), 2);
    EXPECT_TRUE(operate(*set, {{0, -2, 0}, {1, 1, 0}, {0, 0, 0}}).has_value());
    EXPECT_EQ(value(*set, 0), 0);
    EXPECT_EQ(value(*set, 1), 1);
    EXPECT_EQ(set->last_process(0, k_actor).value(), 10);
    EXPECT_EQ(error_of(operate(*set, {{2, 1, 0}})), Errno::fbig);
    EXPECT_EQ(error_of(operate(*set, {{0, 32'767, 0}, {0, 1, 0}})), Errno::range);
    EXPECT_EQ(value(*set, 0), 0);
    EXPECT_EQ(set->value(2, k_actor).error(), Errno::inval);
  });
}

TEST(SemaphoreSet, WaitersAreServedByThoseWhoChangeIt) {
  host::for_seeds(10, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      const Ref<SemaphoreSet> set = make(2);
      host::Crew crew;
      Thread& big = crew.add([&] { EXPECT_TRUE(operate(*set, {{0, -2, 0}}).has_value()); });
      host::await_blocked(big, BlockReason::waiting);
      Thread& both =
          crew.add([&] { EXPECT_TRUE(operate(*set, {{0, -1, 0}, {1, 1, 0}}).has_value()); });
      host::await_blocked(both, BlockReason::waiting);
      Thread& chained = crew.add([&] { EXPECT_TRUE(operate(*set, {{1, -1, 0}}).has_value()); });
      host::await_blocked(chained, BlockReason::waiting);
      EXPECT_EQ(set->waiting(0, false, k_actor).value(), 2);
      EXPECT_EQ(set->waiting(1, false, k_actor).value(), 1);
      EXPECT_TRUE(operate(*set, {{0, 3, 0}}).has_value());
      crew.join();
      EXPECT_EQ(value(*set, 0), 0);
      EXPECT_EQ(value(*set, 1), 0);
      EXPECT_EQ(set->waiting(0, false, k_actor).value(), 0);
    });
  });
}

TEST(SemaphoreSet, AWaitEndsByTimeBySignalAndByRemoval) {
  Machine().run([] {
    const Ref<SemaphoreSet> set = make(1);
    const Instant soon = hal::now() + k_millisecond;
    EXPECT_EQ(error_of(operate(*set, {{0, -1, 0}}, nullptr, soon)), Errno::again);
    EXPECT_GE(hal::now(), soon);
    host::Crew crew;
    Thread& waiter =
        crew.add([&] { EXPECT_EQ(error_of(operate(*set, {{0, -1, 0}})), Errno::intr); });
    host::await_blocked(waiter, BlockReason::waiting);
    sched::interrupt(waiter);
    crew.join();
    EXPECT_EQ(set->waiting(0, false, k_actor).value(), 0);
    Thread& last = crew.add([&] { EXPECT_EQ(error_of(operate(*set, {{0, -1, 0}})), Errno::idrm); });
    host::await_blocked(last, BlockReason::waiting);
    EXPECT_TRUE(set->remove(k_actor).has_value());
    crew.join();
    EXPECT_EQ(error_of(operate(*set, {{0, 1, 0}})), Errno::idrm);
  });
}

TEST(SemaphoreSet, AnEndUndoes) {
  Machine().run([] {
    const Ref<SemaphoreSet> set = make(2);
    ASSERT_TRUE(operate(*set, {{0, 5, 0}}).has_value());
    UndoList list;
    UndoRecord* const undo = list.find_or_make(*set, 2).value();
    EXPECT_EQ(list.find_or_make(*set, 2).value(), undo);
    ASSERT_TRUE(operate(*set, {{0, -3, k_undo}, {1, 4, k_undo}}, undo).has_value());
    EXPECT_EQ(error_of(operate(*set, {{0, -1, k_undo}, {1, -9, k_nowait | k_undo}}, undo)),
              Errno::again);
    ASSERT_TRUE(operate(*set, {{1, -1, 0}}).has_value());
    host::Crew crew;
    Thread& waiter = crew.add([&] { EXPECT_TRUE(operate(*set, {{0, -5, 0}}).has_value()); });
    host::await_blocked(waiter, BlockReason::waiting);
    list.apply(77);
    crew.join();
    EXPECT_EQ(value(*set, 0), 0) << "given back, and taken by who waited";
    EXPECT_EQ(value(*set, 1), 0) << "not below zero";
    EXPECT_EQ(set->last_process(1, k_actor).value(), 77);
    list.apply(77);
    EXPECT_EQ(value(*set, 1), 0) << "once";
  });
}

TEST(SemaphoreSet, WhatWasSetIsNotUndone) {
  Machine().run([] {
    UndoList list;
    const Ref<SemaphoreSet> set = make(2);
    UndoRecord* const undo = list.find_or_make(*set, 2).value();
    ASSERT_TRUE(operate(*set, {{0, 1, k_undo}, {1, 1, k_undo}}, undo).has_value());
    EXPECT_TRUE(set->set_value(0, 9, k_actor).has_value());
    list.apply(1);
    EXPECT_EQ(value(*set, 0), 9);
    EXPECT_EQ(value(*set, 1), 0);
    ASSERT_TRUE(operate(*set, {{0, -9, 0}}).has_value());
  });
}

TEST(SemaphoreSet, RecordsOfRemovedSetsAreThrownAway) {
  Machine().run([] {
    UndoList list;
    for (int i = 0; i < 50; ++i) {
      const Ref<SemaphoreSet> set = make(1);
      UndoRecord* const undo = list.find_or_make(*set, 1).value();
      ASSERT_TRUE(operate(*set, {{0, 1, k_undo}}, undo).has_value());
      EXPECT_TRUE(set->remove(k_actor).has_value());
      EXPECT_LE(set->reference_count(), 2u);
    }
    list.apply(1);
  });
}

TEST(SemaphoreSet, UndoHasALimit) {
  Machine().run([] {
    UndoList list;
    const Ref<SemaphoreSet> set = make(1);
    UndoRecord* const undo = list.find_or_make(*set, 1).value();
    ASSERT_TRUE(set->set_value(0, 32'767, k_actor).has_value());
    ASSERT_TRUE(operate(*set, {{0, -32'767, k_undo}}, undo).has_value());
    ASSERT_TRUE(operate(*set, {{0, 1, 0}}).has_value());
    EXPECT_EQ(error_of(operate(*set, {{0, -1, k_undo}}, undo)), Errno::range);
    EXPECT_EQ(value(*set, 0), 1);
    EXPECT_TRUE(set->remove(k_actor).has_value());
    list.apply(1);
  });
}

TEST(SemaphoreSet, AllValuesAtOnce) {
  Machine().run([] {
    const Ref<SemaphoreSet> set = make(3);
    const uint16_t wanted[] = {1, 2, 3};
    EXPECT_TRUE(set->set_all(wanted, k_actor).has_value());
    uint16_t got[3] = {};
    EXPECT_TRUE(set->get_all(got, k_actor).has_value());
    EXPECT_EQ(got[2], 3);
    const Actor stranger{.process = 2, .user = 4, .group = 4};
    EXPECT_EQ(set->may_change(stranger).error(), Errno::acces);
    EXPECT_EQ(set->set_all(wanted, stranger).error(), Errno::acces);
    EXPECT_EQ(operate(*set, {{0, 0, k_nowait}}).error(), Errno::again);
  });
}

}  // namespace
}  // namespace weft::ipc::system_v
