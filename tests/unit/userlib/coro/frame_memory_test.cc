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
  EXPECT_EQ(cache_.kept(), 128u);
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
  EXPECT_EQ(cache_.kept(), FrameCache::k_bound);
  cache_.empty();
  EXPECT_EQ(cache_.kept(), 0u);
}

#if __has_feature(address_sanitizer)  // nobody else sees it
TEST_F(FrameMemoryTest, KeptFramesAreForbidden) {
  auto* frame = static_cast<char*>(cache_.allocate(64));
  cache_.free(frame, 64);
  EXPECT_DEATH(frame[40] = 1, "use-after-poison");
}
#endif

TEST(FrameMemory, AThreadTakesNothingAlongWhenItEnds) {
  std::thread([] {
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
