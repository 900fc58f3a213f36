// The buddy allocator alone, over memory that exists only in its table.
#include "core/mm/buddy.hh"

#include <sys/mman.h>

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "unit/support/random.hh"
#include "unit/support/seeds.hh"

namespace weft::mm {
namespace {

constexpr uint64_t k_mebibyte = 1 << 20;
constexpr uint64_t k_gibibyte = 1 << 30;

MemoryRegion region(uint64_t base, uint64_t size) { return {static_cast<PhysAddr>(base), size}; }

// A table of any size, of which only what is touched costs memory. It starts as garbage, as the
// memory of a machine does.
class World {
 public:
  explicit World(std::vector<MemoryRegion> regions)
      : regions_(std::move(regions)), frames_(Buddy::descriptors_for(regions_)) {
    void* const place = mmap(nullptr, frames_ * sizeof(PageFrame), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) std::abort();
    table_ = static_cast<PageFrame*>(place);
    const uint64_t touched = std::min<uint64_t>(frames_, 32 * Buddy::k_chunk_frames);
    std::fill_n(static_cast<unsigned char*>(place), touched * sizeof(PageFrame), 0xa5);
    lost = buddy.init(regions_, table_);
  }
  ~World() { munmap(table_, frames_ * sizeof(PageFrame)); }

  PageFrame* take(unsigned order) {
    PageFrame* const block = buddy.take(order);
    if (block != nullptr) block->state.store(FrameState::used, relaxed);
    return block;
  }
  uint64_t number(const PageFrame* block) const { return buddy.number(*block); }

  // Opens all chunks.
  void touch_everything() {
    std::vector<PageFrame*> all;
    while (PageFrame* block = take(0)) all.push_back(block);
    for (PageFrame* block : all) buddy.give_back(*block, 0);
  }

  bool is_in_region(uint64_t first, uint64_t count) const {
    for (const MemoryRegion& region : regions_) {
      const uint64_t begin = raw(region.base);
      if (first * k_page_size >= begin && (first + count) * k_page_size <= begin + region.size) {
        return true;
      }
    }
    return false;
  }

  std::array<size_t, Buddy::k_largest_order + 1> blocks() const {
    std::array<size_t, Buddy::k_largest_order + 1> blocks{};
    for (unsigned order = 0; order < blocks.size(); ++order) blocks[order] = buddy.blocks(order);
    return blocks;
  }

 private:
  std::vector<MemoryRegion> regions_;
  uint64_t frames_;
  PageFrame* table_;
  // Never destroyed: its lists would want to be empty then, but its frames are free to the end.
  alignas(Buddy) std::byte storage_[sizeof(Buddy)];

 public:
  Buddy& buddy = *new (storage_) Buddy;
  uint64_t lost = 0;
};

TEST(Buddy, NothingIsTouchedBeforeItIsNeeded) {
  World world({region(4 * k_mebibyte, 16 * k_mebibyte)});
  EXPECT_EQ(world.buddy.total(), 4096u);
  EXPECT_EQ(world.buddy.free(), 4096u);
  EXPECT_EQ(world.buddy.untouched(), 4096u);
  EXPECT_FALSE(world.buddy.is_known(1024));
  world.take(0);
  EXPECT_EQ(world.buddy.free(), 4095u);
  EXPECT_EQ(world.buddy.untouched(), 3072u);
  EXPECT_TRUE(world.buddy.is_known(1024));
  EXPECT_FALSE(world.buddy.is_known(1023));
  EXPECT_FALSE(world.buddy.is_known(2048));
}

TEST(Buddy, ABlockIsSplitInHalvesAndMergesAgain) {
  World world({region(4 * k_mebibyte, 4 * k_mebibyte)});
  PageFrame* const frame = world.take(0);
  ASSERT_NE(frame, nullptr);
  // One block of each order is left over from the halving.
  EXPECT_EQ(world.blocks(), (std::array<size_t, 11>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}));
  world.buddy.give_back(*frame, 0);
  EXPECT_EQ(world.blocks(), (std::array<size_t, 11>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(world.buddy.free(), 1024u);
}

TEST(Buddy, ABlockMergesOnlyWithItsBuddy) {
  World world({region(4 * k_mebibyte, 4 * k_mebibyte)});
  std::array<PageFrame*, 4> frames;
  for (PageFrame*& frame : frames) frame = world.take(0);
  // 1 and 2 are neighbours, but no buddies: together they would not be aligned.
  world.buddy.give_back(*frames[1], 0);
  world.buddy.give_back(*frames[2], 0);
  EXPECT_EQ(world.buddy.blocks(0), 2u);
  world.buddy.give_back(*frames[0], 0);
  EXPECT_EQ(world.buddy.blocks(0), 1u);
  EXPECT_EQ(world.buddy.blocks(1), 2u - 1u);
  world.buddy.give_back(*frames[3], 0);
  EXPECT_EQ(world.buddy.blocks(Buddy::k_largest_order), 1u);
}

TEST(Buddy, SingleFramesComeManyAtOnceAndFragmentsFirst) {
  World world({region(4 * k_mebibyte, 4 * k_mebibyte)});
  world.touch_everything();
  PageFrame* const kept = world.take(0);  // its buddy is a fragment now
  std::vector<PageFrame*> frames(7);
  ASSERT_EQ(world.buddy.take_singles(frames), 7u);
  EXPECT_EQ(world.number(frames[0]), world.number(kept) ^ 1);
  EXPECT_EQ(world.buddy.free(), 1024u - 8);
  for (PageFrame* frame : frames) {
    EXPECT_EQ(frame->state.load(relaxed), FrameState::cached);
    EXPECT_EQ(frame->order, 0);
    world.buddy.give_back(*frame, 0);
  }
  world.buddy.give_back(*kept, 0);
  EXPECT_EQ(world.buddy.blocks(Buddy::k_largest_order), 1u);
}

TEST(Buddy, OfTheLastFramesThereAreAsManyAsThereAre) {
  World world({region(4 * k_mebibyte, 5 * k_page_size)});
  std::vector<PageFrame*> frames(8);
  EXPECT_EQ(world.buddy.take_singles(frames), 5u);
  EXPECT_EQ(world.buddy.take_singles(frames), 0u);
  EXPECT_EQ(world.buddy.free(), 0u);
}

TEST(Buddy, AllOrdersComeAlignedToTheirSize) {
  for (unsigned order = 0; order <= Buddy::k_largest_order; ++order) {
    World world({region(5 * k_mebibyte + 12 * k_page_size, 20 * k_mebibyte)});
    uint64_t count = 0;
    while (PageFrame* const block = world.take(order)) {
      ASSERT_EQ(world.number(block) % (uint64_t{1} << order), 0u);
      ASSERT_EQ(block->order, order);
      ++count;
    }
    EXPECT_GE(count << order, 4096u) << "order " << order;
    EXPECT_EQ(world.buddy.free(), world.buddy.total() - (count << order));
  }
}

TEST(Buddy, RegionsEndWhereTheyEnd) {
  // Ragged ends, a hole inside a chunk, chunks without memory, regions out of order.
  World world({region(40 * k_mebibyte + 1, 3 * k_page_size), region(0x1800, 0x3000),
               region(8 * k_mebibyte, 5 * k_mebibyte), region(13 * k_mebibyte + 0x4000, 0x1000)});
  // 40 MiB + 1 byte: two whole pages. 0x1800 to 0x4800: 0x2000 and 0x3000.
  EXPECT_EQ(world.buddy.total(), 2u + 2u + 1280u + 1u);
  std::vector<uint64_t> numbers;
  while (PageFrame* const block = world.take(0)) {
    numbers.push_back(world.number(block));
    ASSERT_TRUE(world.is_in_region(numbers.back(), 1)) << numbers.back();
    ASSERT_TRUE(world.buddy.is_known(numbers.back()));
  }
  EXPECT_EQ(numbers.size(), world.buddy.total());
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(std::adjacent_find(numbers.begin(), numbers.end()), numbers.end());
  EXPECT_EQ(world.buddy.untouched(), 0u);
  EXPECT_FALSE(world.buddy.is_known(5 * 256));
}

TEST(Buddy, TheFrameAtAddressZeroIsNeverUsed) {
  World world({region(0, 4 * k_page_size)});
  EXPECT_EQ(world.buddy.total(), 3u);
  while (PageFrame* const block = world.take(0)) EXPECT_NE(world.number(block), 0u);
}

TEST(Buddy, TheTablesOwnPlaceIsLeftOut) {
  const MemoryRegion all = region(4 * k_mebibyte, 4 * k_mebibyte);
  std::vector<PageFrame> table(Buddy::descriptors_for({&all, 1}));
  Buddy buddy;
  buddy.init({&all, 1}, table.data(), region(4 * k_mebibyte, 10 * k_page_size));
  EXPECT_EQ(buddy.total(), 1014u);
  while (PageFrame* const block = buddy.take(0)) EXPECT_GE(buddy.number(*block), 1034u);
  EXPECT_EQ(buddy.free(), 0u);
}

TEST(Buddy, OfTooManyRegionsTheSmallestAreLost) {
  std::vector<MemoryRegion> regions;
  for (uint64_t i = 0; i < 100; ++i)
    regions.push_back(region((i + 1) * k_mebibyte, (i % 10 + 1) * k_page_size));
  World world(regions);
  // 64 stay: ten each of 10, 9, 8, 7, 6, 5 pages, and four of 4.
  EXPECT_EQ(world.buddy.total(), 10u * (10 + 9 + 8 + 7 + 6 + 5) + 4 * 4);
  EXPECT_EQ(world.lost, 550u - world.buddy.total());
  uint64_t count = 0;
  while (world.take(0) != nullptr) ++count;
  EXPECT_EQ(count, world.buddy.total());
}

TEST(Buddy, HundredsOfGibibytesCostNothingUntilUsed) {
  // As a machine with 256 GiB has it: a hole below 4 GiB, and the rest behind it.
  World world(
      {region(k_mebibyte, 3 * k_gibibyte - k_mebibyte), region(4 * k_gibibyte, 253 * k_gibibyte)});
  EXPECT_EQ(world.buddy.total(), 256 * (k_gibibyte >> 12) - 256);
  std::vector<PageFrame*> blocks;
  for (unsigned order = 0; order <= Buddy::k_largest_order; ++order)
    blocks.push_back(world.take(order));
  EXPECT_GE(world.buddy.untouched(), world.buddy.total() - 3 * Buddy::k_chunk_frames);
  for (unsigned order = 0; order <= Buddy::k_largest_order; ++order)
    world.buddy.give_back(*blocks[order], order);
  EXPECT_EQ(world.buddy.free(), world.buddy.total());

  // The frontier jumps over the hole. (The first chunk has no largest block: it lacks its first MiB.)
  PageFrame* last = nullptr;
  for (uint64_t i = 0; i < 3 * 256 - 1; ++i) last = world.take(Buddy::k_largest_order);
  EXPECT_EQ(world.number(last), (3 * k_gibibyte >> 12) - Buddy::k_chunk_frames);
  EXPECT_EQ(world.number(world.take(Buddy::k_largest_order)), 4 * k_gibibyte >> 12);
  EXPECT_EQ(world.buddy.untouched(), 253 * (k_gibibyte >> 12) - Buddy::k_chunk_frames);
}

// Random takes and gives against a model that knows who has which frame.
TEST(Buddy, AgreesWithAModel) {
  host::for_seeds(20, [](uint64_t seed) {
    host::Random random(seed);
    World world({region(k_page_size, 159 * k_page_size), region(k_mebibyte, 9 * k_mebibyte),
                 region(12 * k_mebibyte + 3 * k_page_size, 7 * k_mebibyte)});
    world.touch_everything();
    const auto at_start = world.blocks();

    std::map<uint64_t, unsigned> held;  // first frame, order
    uint64_t held_frames = 0;
    for (int step = 0; step < 4000; ++step) {
      const bool growing = step / 500 % 2 == 0;
      if (held.empty() || random.below(10) < (growing ? 7u : 3u)) {
        const auto order =
            static_cast<unsigned>(random.once_in(8) ? random.below(11) : random.below(4));
        PageFrame* const block = world.take(order);
        if (block == nullptr) {
          // Only if no free block is large enough.
          for (unsigned above = order; above <= Buddy::k_largest_order; ++above)
            ASSERT_EQ(world.buddy.blocks(above), 0u);
          continue;
        }
        const uint64_t first = world.number(block);
        const uint64_t size = uint64_t{1} << order;
        ASSERT_EQ(first % size, 0u);
        ASSERT_TRUE(world.is_in_region(first, size));
        const auto next = held.lower_bound(first);
        if (next != held.end()) ASSERT_LE(first + size, next->first);
        if (next != held.begin()) {
          const auto before = std::prev(next);
          ASSERT_LE(before->first + (uint64_t{1} << before->second), first);
        }
        for (uint64_t i = 1; i < size; ++i)
          ASSERT_EQ(world.buddy.frame(first + i).state.load(relaxed), FrameState::inside);
        held[first] = order;
        held_frames += size;
      } else {
        const auto victim = std::next(held.begin(), static_cast<long>(random.below(held.size())));
        world.buddy.give_back(world.buddy.frame(victim->first), victim->second);
        held_frames -= uint64_t{1} << victim->second;
        held.erase(victim);
      }
      ASSERT_EQ(world.buddy.free() + held_frames, world.buddy.total());
    }
    for (const auto& [first, order] : held) world.buddy.give_back(world.buddy.frame(first), order);
    EXPECT_EQ(world.buddy.free(), world.buddy.total());
    EXPECT_EQ(world.blocks(), at_start);
  });
}

TEST(BuddyDeathTest, RegionsDoNotOverlap) {
  EXPECT_DEATH(World({region(k_mebibyte, k_mebibyte), region(2 * k_mebibyte - 1, k_mebibyte),
                      region(k_mebibyte / 2, k_mebibyte)}),
               "don't overlap");
}

TEST(BuddyDeathTest, NoBlockIsLargerThanTheLargest) {
  World world({region(k_mebibyte, k_mebibyte)});
  EXPECT_DEATH(world.take(Buddy::k_largest_order + 1), "at most the largest order");
}

}  // namespace
}  // namespace weft::mm
