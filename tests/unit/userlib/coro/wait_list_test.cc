// The queue of an object's waiters, whoever leaves it from where: the next to be woken is the first one's
// coroutine, of which the queue has a copy.
#include <gtest/gtest.h>

#include "userlib/coro/park.hh"

namespace weft::coro {
namespace {

// It lies in the frame of each task that waits.
static_assert(sizeof(Waiter) == 3 * sizeof(void*));

class WaitListTest : public testing::Test {
 protected:
  WaitListTest() {
    for (int i = 0; i < 3; ++i) waiters_[i].prepare(coroutines_[i], Reason::other);
  }
  ~WaitListTest() override {
    while (list_.pop_front() != nullptr) {
    }
  }
  void push_all() {
    for (Waiter& each : waiters_) list_.push_back(each);
  }

  Coroutine coroutines_[3];
  Waiter waiters_[3];
  WaitList list_;
};

TEST_F(WaitListTest, ClaimsInTheOrderOfTheQueue) {
  push_all();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(list_.claim_waiter(), &waiters_[i]);
    EXPECT_EQ(coroutines_[i].park.load(relaxed), Park::woken);
  }
  EXPECT_TRUE(list_.empty());
  EXPECT_EQ(list_.claim_waiter(), nullptr);
}

TEST_F(WaitListTest, AfterTheFirstHasLeftTheSecondIsTheFirst) {
  push_all();
  list_.remove(waiters_[0]);
  EXPECT_EQ(list_.claim_first(), &coroutines_[1]);
  EXPECT_EQ(coroutines_[0].park.load(relaxed), Park::waiting);
  EXPECT_EQ(list_.claim_first(), &coroutines_[2]);
}

TEST_F(WaitListTest, WhoComesBackToTheFrontIsTheFirst) {
  list_.push_front(waiters_[1]);
  list_.push_back(waiters_[2]);
  list_.push_front(waiters_[0]);
  for (Coroutine& each : coroutines_) EXPECT_EQ(list_.claim_first(), &each);
  list_.push_back(waiters_[2]);
  EXPECT_EQ(list_.front(), &waiters_[2]);
  EXPECT_EQ(list_.claim_first(), nullptr) << "its wait is over";
}

TEST_F(WaitListTest, OneInTheMiddleMayLeave) {
  push_all();
  list_.remove(waiters_[1]);
  list_.remove(waiters_[1]);
  EXPECT_EQ(list_.claim_first(), &coroutines_[0]);
  EXPECT_EQ(list_.claim_first(), &coroutines_[2]);
}

TEST_F(WaitListTest, WhoseWaitIsOverIsPassedOver) {
  push_all();
  EXPECT_TRUE(claim(coroutines_[0], Park::timed_out));
  EXPECT_TRUE(claim(coroutines_[1], Park::cancelled));
  EXPECT_EQ(list_.claim_first(), &coroutines_[2]);
  EXPECT_EQ(coroutines_[0].park.load(relaxed), Park::timed_out);
  EXPECT_EQ(coroutines_[1].park.load(relaxed), Park::cancelled);
  list_.remove(waiters_[0]);
  EXPECT_TRUE(list_.empty()) << "those passed over are out";
}

TEST_F(WaitListTest, AClaimEndsWaitsOfBothKindsOnceAndNothingElse) {
  Coroutine& one = coroutines_[0];
  for (const Park how : {Park::waiting, Park::waiting_uninterruptibly}) {
    one.park.store(how, relaxed);
    EXPECT_TRUE(claim(one, Park::woken));
    EXPECT_FALSE(claim(one, Park::timed_out));
    EXPECT_EQ(one.park.load(relaxed), Park::woken);
  }
  one.park.store(Park::none, relaxed);
  EXPECT_FALSE(claim(one, Park::woken));
  EXPECT_EQ(one.park.load(relaxed), Park::none);
}

}  // namespace
}  // namespace weft::coro
