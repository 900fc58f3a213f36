#include "core/mm/page_frames.hh"

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "core/mm/fault_injection.hh"
#include "core/mm/object_cache.hh"
#include "unit/mm/memory_fixture.hh"
#include "unit/support/random.hh"
#include "unit/support/seeds.hh"

namespace weft::mm {
namespace {

class PageFramesTest : public MemoryTest {
 protected:
  PageFramesTest() { start(32 * k_mebibyte); }

  static char* memory(PhysAddr frame) { return static_cast<char*>(hal::phys_to_virt(frame)); }
};

TEST_F(PageFramesTest, AllMemoryIsFreeButTheDescriptors) {
  const FrameStats stats = page_frames.stats();
  // 1 MiB of addresses below the memory, 32 MiB of memory, rounded up to 36 MiB: 9 chunks of 32 KiB.
  EXPECT_EQ(stats.total, (32 * k_mebibyte - 9 * 32 * 1024) / k_page_size);
  EXPECT_EQ(stats.free, stats.total);
  EXPECT_EQ(stats.untouched, stats.total);
  EXPECT_EQ(stats.cached, 0u);
  EXPECT_EQ(stats.used_in_all(), 0u);
}

TEST_F(PageFramesTest, FramesAreCountedByTheirUse) {
  const PhysAddr table = *page_frames.allocate(0, FrameUse::page_table);
  const PhysAddr stack = *page_frames.allocate(2, FrameUse::stack);
  const PhysAddr other = *page_frames.allocate(0);
  const FrameStats stats = page_frames.stats();
  EXPECT_EQ(stats.used_as(FrameUse::page_table), 1u);
  EXPECT_EQ(stats.used_as(FrameUse::stack), 4u);
  EXPECT_EQ(stats.used_as(FrameUse::other), 1u);
  EXPECT_EQ(stats.used_as(FrameUse::slab), 0u);
  EXPECT_EQ(stats.used_in_all(), 6u);
  EXPECT_EQ(stats.total, stats.free + stats.cached + stats.used_in_all());
  EXPECT_GT(stats.cached, 0u);
  page_frames.free(table, 0);
  page_frames.free(stack, 2);
  page_frames.free(other, 0);
  EXPECT_EQ(page_frames.stats().used_in_all(), 0u);
}

TEST_F(PageFramesTest, ADescriptorAndItsAddressLeadToEachOther) {
  const PhysAddr block = *page_frames.allocate(3, FrameUse::large);
  const PageFrame& frame = page_frames.frame(block);
  EXPECT_EQ(page_frames.address(frame), block);
  EXPECT_EQ(frame.order, 3u);
  EXPECT_EQ(frame.use, FrameUse::large);
  EXPECT_EQ(frame.state.load(relaxed), FrameState::used);
  page_frames.free(block, 3);
}

TEST_F(PageFramesTest, ZeroedMemoryIsZeroed) {
  for (unsigned order = 0; order <= 3; ++order) {
    const PhysAddr dirty = *page_frames.allocate(order);
    std::memset(memory(dirty), 0xff, k_page_size << order);
    page_frames.free(dirty, order);
    const PhysAddr clean = *page_frames.allocate_zeroed(order);
    EXPECT_EQ(clean, dirty) << "the warm block comes first";
    EXPECT_TRUE(std::all_of(memory(clean), memory(clean) + (k_page_size << order),
                            [](char byte) { return byte == 0; }));
    page_frames.free(clean, order);
  }
}

TEST_F(PageFramesTest, TheLastFramesAreTheKernels) {
  std::vector<PhysAddr> programs;
  std::vector<PhysAddr> kernels;
  EXPECT_TRUE(page_frames.has_plenty());
  while (const auto frame = page_frames.allocate(0, FrameUse::user)) programs.push_back(*frame);
  EXPECT_FALSE(page_frames.has_plenty());
  EXPECT_FALSE(page_frames.has_for_programs());
  const uint64_t left = page_frames.stats().free + page_frames.stats().cached;
  EXPECT_GT(left, 0u);
  EXPECT_LE(left, page_frames.total() / 256 + 64);
  while (const auto frame = page_frames.allocate(0)) kernels.push_back(*frame);
  EXPECT_EQ(kernels.size(), left);
  for (const PhysAddr frame : kernels) page_frames.free(frame, 0);
  for (const PhysAddr frame : programs) page_frames.free(frame, 0);
  page_frames.trim();
  EXPECT_TRUE(page_frames.has_for_programs());
}

TEST_F(PageFramesTest, WhatWasFreedMergesAgain) {
  // Everything once, so that no chunk is new any more.
  std::vector<PhysAddr> all;
  while (const auto frame = page_frames.allocate(0)) all.push_back(*frame);
  EXPECT_EQ(all.size(), page_frames.stats().total);
  for (const PhysAddr frame : all) page_frames.free(frame, 0);
  page_frames.trim();
  const auto at_start = page_frames.free_blocks();
  EXPECT_EQ(at_start[PageFrames::k_largest_order], 7u);

  host::Random random(3);
  std::vector<PhysAddr> some;
  for (int i = 0; i < 1000; ++i) some.push_back(*page_frames.allocate(0));
  for (size_t i = some.size(); i > 1; --i) std::swap(some[i - 1], some[random.below(i)]);
  for (const PhysAddr frame : some) page_frames.free(frame, 0);
  EXPECT_NE(page_frames.free_blocks(), at_start) << "some are in the cache";
  page_frames.trim();
  EXPECT_EQ(page_frames.free_blocks(), at_start);
  EXPECT_EQ(page_frames.stats().cached, 0u);
}

TEST_F(PageFramesTest, ACacheOfOneCpuIsOfUseToTheNext) {
  host::for_seeds(5, [](uint64_t seed) {
    host::Random random(seed);
    std::map<uint64_t, unsigned> held;
    uint64_t frames = 0;
    for (int step = 0; step < 5000; ++step) {
      if (held.empty() || random.below(100) < 52) {
        const auto order = static_cast<unsigned>(random.once_in(4) ? random.below(6) : 0);
        const auto block = page_frames.allocate(order);
        if (!block) continue;
        ASSERT_TRUE(held.emplace(raw(*block), order).second);
        frames += uint64_t{1} << order;
      } else {
        const auto victim = std::next(held.begin(), static_cast<long>(random.below(held.size())));
        page_frames.free(at(victim->first), victim->second);
        frames -= uint64_t{1} << victim->second;
        held.erase(victim);
      }
      const FrameStats stats = page_frames.stats();
      ASSERT_EQ(stats.used_in_all(), frames);
      ASSERT_EQ(stats.total, stats.free + stats.cached + frames);
    }
    uint64_t end = 0;
    for (const auto& [first, order] : held) {
      ASSERT_GE(first, end) << "blocks don't overlap";
      end = first + (k_page_size << order);
      page_frames.free(at(first), order);
    }
    EXPECT_EQ(used_frames(), 0u);
  });
}

// ---- Sharing -----------------------------------------------------------------------------------

TEST_F(PageFramesTest, TheLastHolderFreesABlock) {
  const PhysAddr block = *page_frames.allocate(1);
  page_frames.add_reference(block);
  page_frames.add_reference(block);
  EXPECT_EQ(page_frames.frame(block).references.load(relaxed), 3u);
  page_frames.drop_reference(block);
  page_frames.drop_reference(block);
  EXPECT_EQ(page_frames.stats().used_in_all(), 2u);
  page_frames.drop_reference(block);
  EXPECT_EQ(page_frames.stats().used_in_all(), 0u);
}

// ---- No memory ---------------------------------------------------------------------------------

TEST_F(PageFramesTest, NoMemoryIsAResult) {
  std::vector<PhysAddr> all;
  while (const auto block = page_frames.allocate(4)) all.push_back(*block);
  EXPECT_EQ(page_frames.allocate(4).error(), Errno::nomem);
  EXPECT_EQ(page_frames.allocate_zeroed(10).error(), Errno::nomem);
  while (const auto frame = page_frames.allocate(0)) {
    page_frames.frame(*frame).owner = nullptr;
    all.push_back(*frame);
  }
  EXPECT_EQ(page_frames.allocate_zeroed(0).error(), Errno::nomem);
  EXPECT_EQ(page_frames.stats().free, 0u);
  for (const PhysAddr block : all) page_frames.free(block, page_frames.frame(block).order);
  EXPECT_EQ(used_frames(), 0u);
}

TEST_F(PageFramesTest, AShortageTakesBackWhatCachesKeep) {
  struct Large {
    std::array<char, 2000> bytes;
  };
  ObjectCache<Large> cache("large");
  std::vector<Large*> objects;
  while (const auto object = cache.make()) objects.push_back(*object);
  for (Large* object : objects) cache.destroy(object);
  EXPECT_GT(cache.stats().cached, 0u);
  EXPECT_GT(page_frames.stats().used_as(FrameUse::slab), 0u);

  std::vector<PhysAddr> all;
  while (const auto frame = page_frames.allocate(0)) all.push_back(*frame);
  EXPECT_EQ(all.size(), page_frames.stats().total);
  EXPECT_EQ(cache.stats().slabs, 0u);
  for (const PhysAddr frame : all) page_frames.free(frame, 0);
}

// Frames in a CPU's cache keep their neighbours from merging; that must not cost a large block.
TEST_F(PageFramesTest, AShortageOfLargeBlocksEmptiesTheCaches) {
  std::vector<PhysAddr> all;
  while (const auto frame = page_frames.allocate(0)) all.push_back(*frame);
  // In turns from both ends, so that the frames freed last, which stay in the cache, are in the middle.
  for (size_t i = 0; i < all.size() / 2; ++i) {
    page_frames.free(all[i], 0);
    page_frames.free(all[all.size() - 1 - i], 0);
  }
  EXPECT_GT(page_frames.stats().cached, 1u);
  EXPECT_EQ(page_frames.free_blocks()[PageFrames::k_largest_order], 6u);
  unsigned count = 0;
  while (page_frames.allocate(PageFrames::k_largest_order)) ++count;
  EXPECT_EQ(count, 7u);
}

TEST_F(PageFramesTest, AnInjectedFailureIsNoMemory) {
  fail_allocation(2);
  const auto first = page_frames.allocate(0);
  ASSERT_TRUE(first);
  EXPECT_FALSE(allocation_has_failed());
  EXPECT_EQ(page_frames.allocate(0).error(), Errno::nomem);
  EXPECT_TRUE(allocation_has_failed());
  page_frames.free(*first, 0);
}

using SmallMemoryTest = MemoryTest;

TEST_F(SmallMemoryTest, OneMebibyteIsEnough) {
  start(k_mebibyte);
  const FrameStats stats = page_frames.stats();
  EXPECT_EQ(stats.total, 256u - 8u);
  uint64_t count = 0;
  while (page_frames.allocate(0)) ++count;
  EXPECT_EQ(count, stats.total);
}

TEST_F(SmallMemoryTest, TooLittleForItsDescriptorsIsAResult) {
  host::reset_memory(k_mebibyte);
  EXPECT_EQ(init({}).error(), Errno::nomem);
  // 32 KiB are wanted for the first 4 MiB of addresses.
  const MemoryRegion tiny{host::k_memory_base, 7 * k_page_size};
  EXPECT_EQ(init({&tiny, 1}).error(), Errno::nomem);
  const MemoryRegion enough{host::k_memory_base, 9 * k_page_size};
  EXPECT_TRUE(init({&enough, 1}));
  EXPECT_TRUE(page_frames.allocate(0));
  EXPECT_EQ(page_frames.allocate(0).error(), Errno::nomem);
}

TEST_F(SmallMemoryTest, TheDescriptorsAreInTheLargestRegion) {
  host::reset_memory(16 * k_mebibyte);
  const MemoryRegion regions[] = {{at(k_mebibyte), 0x5000},
                                  {at(4 * k_mebibyte + 0x800), 10 * k_mebibyte},
                                  {at(15 * k_mebibyte), k_mebibyte}};
  ASSERT_TRUE(init(regions));
  const uint64_t descriptors = 4 * 8;
  EXPECT_EQ(page_frames.stats().total, 5 + 2559 - descriptors + 256);
  while (const auto frame = page_frames.allocate_zeroed(0))
    EXPECT_FALSE(raw(*frame) >= 4 * k_mebibyte &&
                 raw(*frame) < 4 * k_mebibyte + (1 + descriptors) * k_page_size);
}

TEST_F(SmallMemoryTest, TooManyHolesAreSurvived) {
  host::reset_memory(4 * k_mebibyte);
  std::vector<MemoryRegion> regions = {{at(3 * k_mebibyte), k_mebibyte}};
  for (uint64_t i = 0; i < 80; ++i)
    regions.push_back({at(k_mebibyte + i * 2 * k_page_size), k_page_size});
  ASSERT_TRUE(init(regions));
  EXPECT_EQ(page_frames.stats().total, 63 + 256 - 8);
}

// ---- Wrong frees -------------------------------------------------------------------------------

using PageFramesDeathTest = PageFramesTest;

TEST_F(PageFramesDeathTest, AFrameFreedTwice) {
  const PhysAddr frame = *page_frames.allocate(0);
  page_frames.free(frame, 0);
  EXPECT_DEATH(page_frames.free(frame, 0), "freed twice");
  page_frames.trim();
  EXPECT_DEATH(page_frames.free(frame, 0), "freed twice");
}

TEST_F(PageFramesDeathTest, ABlockFreedTwice) {
  const PhysAddr first = *page_frames.allocate(2);
  const PhysAddr second = *page_frames.allocate(2);
  page_frames.free(first, 2);
  page_frames.free(second, 2);
  EXPECT_DEATH(page_frames.free(first, 2), "freed twice");
  EXPECT_DEATH(page_frames.free(second, 2), "freed twice") << "it has merged with the first";
}

TEST_F(PageFramesDeathTest, ABlockFreedWithTheWrongOrder) {
  const PhysAddr block = *page_frames.allocate(3);
  EXPECT_DEATH(page_frames.free(block, 2), "with the order it has");
  EXPECT_DEATH(page_frames.free(block, 4), "with the order it has");
  EXPECT_DEATH(page_frames.free(block + k_page_size, 0), "as a whole");
  page_frames.free(block, 3);
}

TEST_F(PageFramesDeathTest, MemoryThatIsNoFrameOfOurs) {
  const PhysAddr frame = *page_frames.allocate(0);
  EXPECT_DEATH(page_frames.free(at(0), 0), "the machine's own");
  EXPECT_DEATH(page_frames.free(at(uint64_t{1} << 50), 0), "the machine's own");
  // The descriptors themselves; and memory that nobody has had yet.
  EXPECT_DEATH(page_frames.free(host::k_memory_base, 0), "the machine's own");
  EXPECT_DEATH(page_frames.free(at(20 * k_mebibyte), 0), "the machine's own");
  page_frames.free(frame, 0);
}

TEST_F(PageFramesDeathTest, ASharedBlockIsNotFreed) {
  const PhysAddr block = *page_frames.allocate(0);
  page_frames.add_reference(block);
  EXPECT_DEATH(page_frames.free(block, 0), "by its last holder");
  page_frames.drop_reference(block);
  page_frames.drop_reference(block);
  EXPECT_DEATH(page_frames.drop_reference(block), "in use is let go");
  EXPECT_DEATH(page_frames.add_reference(block), "in use is shared");
}

TEST_F(PageFramesDeathTest, TheMemoryMapIsReadOnce) {
  const MemoryRegion all{host::k_memory_base, 32 * k_mebibyte};
  EXPECT_DEATH(static_cast<void>(init({&all, 1})), "read once");
}

}  // namespace
}  // namespace weft::mm
