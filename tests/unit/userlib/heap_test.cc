#include "userlib/base/heap.hh"

#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace weft::heap {
namespace {

TEST(Heap, EverySizeFitsAndIsAligned) {
  for (size_t size = 0; size < 20000; size = size * 9 / 8 + 1) {
    void* block = allocate(size);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 16, 0u);
    EXPECT_GE(usable_size(block), size);
    std::memset(block, 0xaa, usable_size(block));
    heap::free(block);
  }
}

TEST(Heap, WastesLittle) {
  for (size_t size = 64; size <= 8192; size += 16) {
    void* block = allocate(size);
    EXPECT_LE(usable_size(block), size * 2) << size;
    heap::free(block);
  }
}

TEST(Heap, UsesABlockAgain) {
  void* block = allocate(100);
  heap::free(block);
  EXPECT_EQ(allocate(100), block);
  heap::free(block);
}

TEST(Heap, FreesNothing) { heap::free(nullptr); }

TEST(Heap, RefusesTheImpossible) {
  EXPECT_EQ(allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(allocate(size_t{1} << 60), nullptr);
}

TEST(Heap, ForeignMemoryIsNoticed) {
  alignas(65536) static char foreign[65536];
  EXPECT_DEATH(heap::free(foreign + 64), "what is freed came from this heap");
}

// Random sizes against a model: no block overlaps another, contents stay, and all comes back.
TEST(Heap, KeepsBlocksApart) {
  std::mt19937 random(1);
  const Statistics before = statistics();
  std::map<char*, size_t> live;
  for (int step = 0; step < 20000; ++step) {
    if (live.size() < 200 && random() % 2 == 0) {
      const size_t size = random() % 4 == 0 ? random() % 100000 + 1 : random() % 300 + 1;
      char* block = static_cast<char*>(allocate(size));
      ASSERT_NE(block, nullptr);
      std::memset(block, static_cast<int>(size & 0xff), size);
      live[block] = size;
    } else if (!live.empty()) {
      auto chosen = live.begin();
      std::advance(chosen, random() % live.size());
      for (size_t i = 0; i < chosen->second; ++i) {
        ASSERT_EQ(chosen->first[i], static_cast<char>(chosen->second & 0xff));
      }
      heap::free(chosen->first);
      live.erase(chosen);
    }
    EXPECT_EQ(statistics().blocks - before.blocks, live.size());
  }
  for (const auto& [block, size] : live) heap::free(block);
  EXPECT_EQ(statistics().blocks, before.blocks);
  EXPECT_EQ(statistics().bytes, before.bytes);
}

TEST(Heap, ThreadsFreeEachOthersBlocks) {
  const Statistics before = statistics();
  constexpr size_t k_blocks = 2000;
  std::vector<void*> handed_over(k_blocks, nullptr);
  std::thread maker([&] {
    for (void*& place : handed_over) {
      void* block = allocate(48);
      std::memset(block, 1, 48);
      __atomic_store_n(&place, block, __ATOMIC_RELEASE);
    }
  });
  std::thread user([&] {
    for (void*& place : handed_over) {
      void* block = nullptr;
      while ((block = __atomic_load_n(&place, __ATOMIC_ACQUIRE)) == nullptr)
        std::this_thread::yield();
      heap::free(block);
    }
  });
  maker.join();
  user.join();
  EXPECT_EQ(statistics().blocks, before.blocks);
}

}  // namespace
}  // namespace weft::heap
