#include "userlib/coro/stackless/frame_memory.hh"

#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace weft::detail {
namespace {

class FrameMemoryTest : public testing::Test {
 protected:
  ~FrameMemoryTest() override { cache_.empty(); }
  FrameCache cache_;
};

TEST_F(FrameMemoryTest, UsesAFrameOfTheSameSizeAgain) {
  void* frame = cache_.allocate(100);
  cache_.free(frame, 100);
  EXPECT_EQ(cache_.kept(), 104u);
  void* other = cache_.allocate(300);
  EXPECT_NE(other, frame);
  EXPECT_EQ(cache_.allocate(97), frame) << "sizes are rounded up to the same";
  EXPECT_EQ(cache_.kept(), 0u);
  cache_.free(frame, 97);
  cache_.free(other, 300);
}

TEST_F(FrameMemoryTest, GivesTheLastFreedFirst) {
  void* first = cache_.allocate(64);
  void* second = cache_.allocate(64);
  cache_.free(first, 64);
  cache_.free(second, 64);
  EXPECT_EQ(cache_.allocate(64), second);
  EXPECT_EQ(cache_.allocate(64), first);
  cache_.free(first, 64);
  cache_.free(second, 64);
}

TEST_F(FrameMemoryTest, TheLastFreedIsAtHandAndTheOthersAreNot) {
  void* first = cache_.allocate(64);
  void* second = cache_.allocate(64);
  cache_.free(first, 64);
  cache_.free(second, 64);
  EXPECT_EQ(cache_.kept(), 2 * 64u);
  EXPECT_EQ(cache_.take_at_hand(64), second);
  EXPECT_EQ(cache_.take_at_hand(64), nullptr);
  EXPECT_EQ(cache_.kept(), 64u);
  EXPECT_TRUE(cache_.keep_at_hand(second, 64));
  EXPECT_EQ(cache_.kept(), 2 * 64u);
}

TEST_F(FrameMemoryTest, NoneIsPutInTheWayOfAnother) {
  void* first = cache_.allocate(64);
  void* second = cache_.allocate(64);
  cache_.free(first, 64);
  EXPECT_FALSE(cache_.keep_at_hand(second, 64));
  EXPECT_EQ(cache_.take_at_hand(64), first);
  cache_.free(first, 64);
  cache_.free(second, 64);
}

// The first of a size goes the long way, which provides for the thread's end.
TEST_F(FrameMemoryTest, NothingIsAtHandBeforeTheEndIsProvidedFor) {
  EXPECT_EQ(cache_.take_at_hand(64), nullptr);
  void* frame = cache_.allocate(64);
  EXPECT_FALSE(cache_.keep_at_hand(frame, 64));
  cache_.free(frame, 64);
  EXPECT_EQ(cache_.take_at_hand(64), frame);
  EXPECT_TRUE(cache_.keep_at_hand(frame, 64));
  cache_.empty();
  EXPECT_EQ(cache_.kept(), 0u);
  EXPECT_EQ(cache_.take_at_hand(64), nullptr);
  void* other = cache_.allocate(64);
  EXPECT_FALSE(cache_.keep_at_hand(other, 64)) << "emptied, it is as new";
  cache_.free(other, 64);
}

TEST_F(FrameMemoryTest, FramesAreAsLargeAsTheyShouldBe) {
  for (size_t size = 1; size <= 2 * FrameCache::k_largest; ++size) {
    for (int round = 0; round < 2; ++round) {
      void* frame = cache_.allocate(size);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(frame) % 16, 0u);
      std::memset(frame, 0x55, size);
      cache_.free(frame, size);
    }
  }
}

TEST_F(FrameMemoryTest, LongFramesAreNotKept) {
  void* frame = cache_.allocate(FrameCache::k_largest + 1);
  cache_.free(frame, FrameCache::k_largest + 1);
  EXPECT_EQ(cache_.kept(), 0u);
}

TEST_F(FrameMemoryTest, WhatIsKeptIsBounded) {
  std::vector<void*> frames;
  for (size_t i = 0; i < 2 * FrameCache::k_bound / 1024; ++i)
    frames.push_back(cache_.allocate(1024));
  for (void* frame : frames) cache_.free(frame, 1024);
  EXPECT_EQ(cache_.kept(), FrameCache::k_bound + 1024) << "and one at hand";
  cache_.empty();
  EXPECT_EQ(cache_.kept(), 0u);
}

#if __has_feature(address_sanitizer)  // nobody else sees it
TEST_F(FrameMemoryTest, KeptFramesAreForbidden) {
  auto* frame = static_cast<char*>(cache_.allocate(64));
  cache_.free(frame, 64);
  EXPECT_DEATH(frame[40] = 1, "use-after-poison");
  auto* other = static_cast<char*>(cache_.allocate(64));
  ASSERT_EQ(other, frame);
  other[40] = 1;
  ASSERT_TRUE(cache_.keep_at_hand(other, 64));
  EXPECT_DEATH(frame[40] = 1, "use-after-poison");
  auto* third = static_cast<char*>(cache_.allocate(128));
  auto* fourth = static_cast<char*>(cache_.allocate(128));
  cache_.free(third, 128);
  cache_.free(fourth, 128);
  EXPECT_DEATH(third[40] = 1, "use-after-poison") << "no longer at hand, but in the list";
}
#endif

TEST(FrameMemory, AThreadTakesNothingAlongWhenItEnds) {
  std::thread([] {
    FrameMemory::operator delete(FrameMemory::operator new(64), 64);
    FrameMemory::operator delete(FrameMemory::operator new(64), 64);
    EXPECT_EQ(frame_cache().kept(), 64u);
  }).join();  // the leak check at the end of the program sees the rest
}

TEST(FrameMemory, AFrameMayBeFreedOnAnotherThread) {
  void* frame = FrameMemory::operator new(64);
  std::thread([frame] {
    FrameMemory::operator delete(frame, 64);
    EXPECT_EQ(FrameMemory::operator new(64), frame);
    FrameMemory::operator delete(frame, 64);
  }).join();
}

}  // namespace
}  // namespace weft::detail
