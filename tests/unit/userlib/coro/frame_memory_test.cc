#include "userlib/coro/stackless/frame_memory.hh"

#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "userlib/coro/stackless/frame_pieces.hh"

namespace weft::detail {
namespace {

class FrameMemoryTest : public testing::Test {
 protected:
  ~FrameMemoryTest() override { cache_.empty(); }
  FrameCache cache_;
};

TEST_F(FrameMemoryTest, UsesAFrameOfTheSameSizeAgain) {
  void* frame = cache_.allocate(100);
  const size_t batch = cache_.kept();  // the frame came with others
  cache_.free(frame, 100);
  EXPECT_EQ(cache_.kept(), batch + 112u);
  void* other = cache_.allocate(300);
  EXPECT_NE(other, frame);
  EXPECT_EQ(cache_.allocate(97), frame) << "sizes are rounded up to the same";
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
  const size_t batch = cache_.kept();
  cache_.free(first, 64);
  cache_.free(second, 64);
  EXPECT_EQ(cache_.kept(), batch + 2 * 64u);
  EXPECT_EQ(cache_.take_at_hand(64), second);
  EXPECT_EQ(cache_.take_at_hand(64), nullptr);
  EXPECT_EQ(cache_.kept(), batch + 64u);
  EXPECT_TRUE(cache_.keep_at_hand(second, 64));
  EXPECT_EQ(cache_.kept(), batch + 2 * 64u);
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

TEST_F(FrameMemoryTest, NeitherLongFramesNorTheShortestAreKept) {
  for (const size_t size : {FrameCache::k_largest + 1, sizeof(FreeFrame) - 8}) {
    void* frame = cache_.allocate(size);
    cache_.free(frame, size);
    EXPECT_EQ(cache_.kept(), 0u);
  }
}

TEST_F(FrameMemoryTest, WhatIsKeptIsBounded) {
  std::vector<void*> frames;
  for (size_t i = 0; i < 10 * k_batch_bytes / 1024; ++i) frames.push_back(cache_.allocate(1024));
  for (void* frame : frames) {
    cache_.free(frame, 1024);
    EXPECT_LE(cache_.kept(), 2 * k_batch_bytes + 1024) << "and one at hand";
  }
  cache_.empty();
  EXPECT_EQ(cache_.kept(), 0u);
}

// No header, and next to nothing lost: neither in a batch nor at a piece's end.
TEST_F(FrameMemoryTest, ManyFramesTakeNoMoreThanTheirSizes) {
  constexpr size_t k_many = 200'000;
  for (const size_t size : {size_t{64}, size_t{96}, size_t{688}}) {
    const size_t before = frame_bytes_cut();
    std::vector<void*> frames;
    for (size_t i = 0; i < k_many; ++i) frames.push_back(cache_.allocate(size));
    EXPECT_LE(frame_bytes_cut() - before, k_many * size + k_many / 2);
    for (void* frame : frames) cache_.free(frame, size);
    const size_t then = frame_bytes_cut();
    for (void*& frame : frames) frame = cache_.allocate(size);
    EXPECT_EQ(frame_bytes_cut(), then) << "they are used again";
    for (void* frame : frames) cache_.free(frame, size);
  }
}

TEST_F(FrameMemoryTest, OneFrameTakesAPage) {
  const size_t before = frame_bytes_cut();
  void* frame = cache_.allocate(1008);  // a size of this test's own
  EXPECT_LE(frame_bytes_cut() - before, k_batch_bytes + 1008);
  cache_.free(frame, 1008);
}

TEST_F(FrameMemoryTest, NoTwoFramesShareMemory) {
  std::vector<unsigned char*> frames;
  for (size_t i = 0; i < 3000; ++i) {
    const size_t size = 24 + i % 7 * 40;
    frames.push_back(static_cast<unsigned char*>(cache_.allocate(size)));
    std::memset(frames.back(), static_cast<int>(i % 251), size);
  }
  for (size_t i = 0; i < frames.size(); ++i) {
    const size_t size = 24 + i % 7 * 40;
    EXPECT_EQ(frames[i][0], i % 251);
    EXPECT_EQ(frames[i][size - 1], i % 251);
    cache_.free(frames[i], size);
  }
}

// Who makes some more and frees as many, just where a batch ends, goes to the store for none of them.
TEST_F(FrameMemoryTest, AFewUpAndDownStayInTheCache) {
  std::vector<void*> frames;
  for (size_t i = 0; i < 3 * k_batch_bytes / 512; ++i) frames.push_back(cache_.allocate(512));
  for (void* frame : frames) cache_.free(frame, 512);
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < k_batch_bytes / 512; ++i) frames[i] = cache_.allocate(512);
    const size_t kept = cache_.kept();
    EXPECT_GT(kept, 0u);
    for (size_t i = 0; i < k_batch_bytes / 512; ++i) cache_.free(frames[i], 512);
    EXPECT_EQ(cache_.kept(), kept + k_batch_bytes);
  }
}

TEST(FrameMemory, AThreadTakesNothingAlongWhenItEnds) {
  const auto use_some = [] {
    std::vector<void*> frames;
    for (int i = 0; i < 1000; ++i) frames.push_back(take_frame(72));
    for (void* frame : frames) give_frame(frame, 72);
    EXPECT_GT(frame_cache().kept(), 0u);
  };
  std::thread(use_some).join();
  const size_t then = frame_bytes_cut();
  for (int i = 0; i < 10; ++i) std::thread(use_some).join();
  EXPECT_EQ(frame_bytes_cut(), then);
}

// Such a thread has what came along with its frames, although it has freed none.
TEST(FrameMemory, NorDoesOneThatOnlyMadeFrames) {
  std::vector<void*> frames;
  const auto make_one = [&] { frames.push_back(take_frame(720)); };
  std::thread(make_one).join();
  const size_t then = frame_bytes_cut();
  std::thread(make_one).join();
  EXPECT_EQ(frame_bytes_cut(), then);
  for (void* frame : frames) give_frame(frame, 720);
}

TEST(FrameMemory, AFrameMayBeFreedOnAnotherThread) {
  void* frame = take_frame(64);
  std::thread([frame] {
    give_frame(frame, 64);
    EXPECT_EQ(take_frame(64), frame);
    give_frame(frame, 64);
  }).join();
}

// One makes them and the other frees them: they go round by way of the store.
TEST(FrameMemory, FramesComeBackFromWhereTheyWereFreed) {
  const auto pass_on = [] {
    std::vector<void*> frames;
    for (int i = 0; i < 1000; ++i) frames.push_back(take_frame(136));
    std::thread([&] {
      for (void* frame : frames) give_frame(frame, 136);
    }).join();
  };
  pass_on();
  const size_t then = frame_bytes_cut();
  for (int i = 0; i < 10; ++i) pass_on();
  EXPECT_EQ(frame_bytes_cut(), then);
}

TEST(FrameMemory, ThreadsTakeAndGiveAtOnce) {
  std::vector<std::thread> threads;
  for (unsigned char mark = 1; mark <= 4; ++mark) {
    threads.emplace_back([mark] {
      std::vector<unsigned char*> frames;
      for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 200; ++i) {
          frames.push_back(static_cast<unsigned char*>(take_frame(200)));
          std::memset(frames.back(), mark, 200);
        }
        for (unsigned char* frame : frames) {
          EXPECT_EQ(frame[0] + frame[199], 2 * mark);
          give_frame(frame, 200);
        }
        frames.clear();
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace weft::detail
