// What the deque of parents counts on the side, and what makes its owner look. (That each parent is taken once, whoever
// comes, is the explorer's.)
#include "userlib/coro/run_queue.hh"

#include <gtest/gtest.h>

#include <utility>

namespace weft::coro {
namespace {

struct DequeOfParents : testing::Test {
  void SetUp() override { has_looked(); }
  void has_looked() {
    queue.has_looked([] { return false; });
  }
  bool pop_early(Coroutine& parent) { return queue.pop_early(parent) || queue.pop_last(); }

  LifoQueue queue;
  Coroutine grandparent;
  Coroutine parent;
};

TEST_F(DequeOfParents, ChildrenThatEndBeforeTheirParentsLeaveNothingButACount) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(queue.push_early(grandparent));
    EXPECT_TRUE(queue.push_early(parent));
    EXPECT_EQ(queue.count(), 2);
    EXPECT_EQ(queue.children_not_ended(), 2u);
    EXPECT_TRUE(pop_early(parent));
    EXPECT_TRUE(pop_early(grandparent));
    EXPECT_EQ(queue.children_not_ended(), 0u);
  }
  EXPECT_EQ(queue.children(), 6u);
  EXPECT_TRUE(queue.empty());
}

// However their parents leave the queue, children that have not ended here end elsewise.
TEST_F(DequeOfParents, ChildrenWhoseParentsWereStolenOrPickedStayCounted) {
  queue.push_early(grandparent);
  queue.push_early(parent);
  EXPECT_EQ(queue.steal(), &grandparent);
  EXPECT_EQ(queue.pop(), &parent);  // the last
  EXPECT_EQ(queue.children_not_ended(), 2u);
  queue.push_early(grandparent);
  queue.push_early(parent);
  EXPECT_EQ(queue.pop(), &parent);  // not the last
  EXPECT_EQ(queue.children_not_ended(), 4u);
  EXPECT_TRUE(pop_early(grandparent));
  EXPECT_EQ(queue.children_not_ended(), 3u);
  EXPECT_FALSE(pop_early(grandparent)) << "somebody has it";
  EXPECT_EQ(queue.children_not_ended(), 3u);
  EXPECT_EQ(queue.children(), 4u);
}

TEST_F(DequeOfParents, ChildrenThatWereCountedElsewhereAreNotCountedHere) {
  queue.push(grandparent);
  queue.push(parent);
  queue.push(parent);
  EXPECT_EQ(queue.steal(), &grandparent);
  EXPECT_EQ(queue.pop(), &parent);
  EXPECT_EQ(queue.pop(), &parent);
  EXPECT_EQ(queue.children(), 0u);
  EXPECT_EQ(queue.children_not_ended(), 0u);
}

TEST_F(DequeOfParents, EachBeginningAndEachEndMovesIt) {
  uint32_t moves = queue.moves();
  const auto has_moved = [&] { return std::exchange(moves, queue.moves()) != queue.moves(); };
  queue.push_early(grandparent);
  EXPECT_TRUE(has_moved());
  for (int i = 0; i < 2; ++i) {
    queue.push_early(parent);
    EXPECT_TRUE(has_moved());
    EXPECT_TRUE(pop_early(parent));
    EXPECT_TRUE(has_moved());
  }
  EXPECT_FALSE(has_moved());
}

TEST_F(DequeOfParents, TheOwnerLooksWhenItIsTime) {
  queue.look_again_after(3);
  has_looked();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(queue.is_time());
    EXPECT_EQ(queue.push_early(parent), i < 2);
    EXPECT_TRUE(pop_early(parent));
  }
  EXPECT_TRUE(queue.is_time());
  EXPECT_FALSE(queue.push_early(parent)) << "until it has looked";
}

TEST_F(DequeOfParents, TheOwnerLooksWhenSomebodyAsksUntilItHasLooked) {
  queue.ask();
  EXPECT_FALSE(queue.is_time());
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(queue.push_early(parent));
  queue.has_looked([] { return true; });
  EXPECT_FALSE(queue.push_early(parent));
  has_looked();
  EXPECT_TRUE(queue.push_early(parent));
}

// As deep as it may be, and one deeper. From there on it looks after each.
TEST_F(DequeOfParents, WhatHasNoRoomIsTakenBack) {
  constexpr int k_deep = LifoQueue::k_room - LifoQueue::k_most_between_looks;
  for (int i = 0; i < k_deep; ++i) {
    queue.push_early(parent);
    EXPECT_TRUE(queue.keeps_pushed());
  }
  for (int i = 0; i < 3; ++i) {
    queue.push_early(grandparent);
    EXPECT_FALSE(queue.keeps_pushed());
    EXPECT_EQ(queue.count(), k_deep);
  }
  EXPECT_EQ(queue.children_not_ended(), k_deep + 3u);
  while (Coroutine* each = queue.pop()) EXPECT_EQ(each, &parent);
}

}  // namespace
}  // namespace weft::coro
