#include "core/mm/heap.hh"

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

class HeapTest : public MemoryTest {
 protected:
  HeapTest() { start(16 * k_mebibyte); }
};

TEST_F(HeapTest, MemoryIsAlignedAndOfTheSizeAskedFor) {
  std::vector<void*> all;
  for (size_t size = 0; size <= 9000; size += 7) {
    const auto memory = allocate(size);
    ASSERT_TRUE(memory);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(*memory) % k_heap_alignment, 0u);
    std::memset(*memory, 0xee, size);
    all.push_back(*memory);
  }
  for (void* memory : all) free(memory);
  EXPECT_EQ(used_frames(), 0u);
  EXPECT_EQ(snapshot().live_objects(), 0u);
}

TEST_F(HeapTest, NothingIsFreedForNullptr) {
  free(nullptr);
  EXPECT_EQ(used_frames(), 0u);
}

TEST_F(HeapTest, LargeSizesAreBlocksOfFrames) {
  const auto memory = allocate(2049);
  ASSERT_TRUE(memory);
  EXPECT_EQ(page_frames.stats().used_as(FrameUse::large), 1u);
  const auto larger = allocate(k_page_size + 1);
  ASSERT_TRUE(larger);
  EXPECT_EQ(page_frames.stats().used_as(FrameUse::large), 3u);
  free(*memory);
  free(*larger);
  EXPECT_EQ(page_frames.stats().used_as(FrameUse::large), 0u);
}

TEST_F(HeapTest, TooLargeIsNoMemory) {
  ASSERT_TRUE(allocate(PageFrames::k_largest_block));
  EXPECT_EQ(allocate(PageFrames::k_largest_block + 1).error(), Errno::nomem);
  EXPECT_EQ(allocate(~size_t{0}).error(), Errno::nomem);
}

// Against a model: every piece keeps what was written into it while others come and go.
TEST_F(HeapTest, RandomPiecesKeepTheirContents) {
  struct Piece {
    size_t size;
    unsigned char mark;
  };
  host::for_seeds(10, [](uint64_t seed) {
    host::Random random(seed);
    std::map<char*, Piece> pieces;
    const auto drop = [&](auto piece) {
      for (size_t i = 0; i < piece->second.size; ++i)
        ASSERT_EQ(static_cast<unsigned char>(piece->first[i]), piece->second.mark);
      free(piece->first);
      pieces.erase(piece);
    };
    for (int step = 0; step < 3000; ++step) {
      if (pieces.empty() || random.below(5) < 3) {
        const size_t size = random.once_in(10) ? random.below(20'000) : random.below(600);
        const auto memory = allocate(size);
        ASSERT_TRUE(memory);
        char* const begin = static_cast<char*>(*memory);
        const auto next = pieces.upper_bound(begin);
        if (next != pieces.end()) ASSERT_LE(begin + size, next->first);
        if (next != pieces.begin()) {
          const auto before = std::prev(next);
          ASSERT_LE(before->first + before->second.size, begin);
        }
        const auto mark = static_cast<unsigned char>(random.next());
        std::memset(begin, mark, size);
        pieces[begin] = {size, mark};
      } else {
        drop(std::next(pieces.begin(), random.below(pieces.size())));
      }
      if (testing::Test::HasFatalFailure()) return;
    }
    while (!pieces.empty()) drop(pieces.begin());
    EXPECT_EQ(used_frames(), 0u);
  });
}

// ---- Owned -------------------------------------------------------------------------------------

struct Counted {
  explicit Counted(int* count, int value = 0) : count(count), value(value) { ++*count; }
  virtual ~Counted() { --*count; }
  // Objects of the kernel are not deleted; the heap takes their memory back.
  static void operator delete(void*) { ADD_FAILURE() << "the kernel has no operator delete"; }
  int* count;
  int value;
};
struct Derived : Counted {
  using Counted::Counted;
  std::array<char, 100> more{};
};

TEST_F(HeapTest, AnOwnerDestroysItsObject) {
  int count = 0;
  {
    auto made = make<Counted>(&count, 42);
    ASSERT_TRUE(made);
    Owned<Counted> owner = std::move(*made);
    EXPECT_EQ(owner->value, 42);
    EXPECT_EQ((*owner).value, 42);
    EXPECT_EQ(count, 1);
    EXPECT_EQ(snapshot().live_objects(), 1u);
  }
  EXPECT_EQ(count, 0);
  EXPECT_EQ(snapshot().live_objects(), 0u);
}

TEST_F(HeapTest, OwnersMove) {
  int count = 0;
  Owned<Counted> first = std::move(*make<Counted>(&count, 1));
  Owned<Counted> second = std::move(*make<Counted>(&count, 2));
  Counted* const kept = first.get();
  second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(second.get(), kept);
  EXPECT_EQ(count, 1);
  second.reset();
  EXPECT_EQ(count, 0);
  second.reset();
  Owned<Counted> none;
  EXPECT_FALSE(none);
}

TEST_F(HeapTest, AnOwnerOfADerivedObjectBecomesOneOfItsBase) {
  int count = 0;
  Owned<Counted> owner = std::move(*make<Derived>(&count, 5));
  EXPECT_EQ(owner->value, 5);
  owner.reset();
  EXPECT_EQ(count, 0);
  EXPECT_EQ(used_frames(), 0u);
}

TEST_F(HeapTest, AReleasedObjectIsTheCallers) {
  int count = 0;
  Counted* const object = make<Counted>(&count)->release();
  EXPECT_EQ(count, 1);
  std::destroy_at(object);
  free(object);
  EXPECT_EQ(used_frames(), 0u);
}

TEST_F(HeapTest, TheHeapFreesObjectsOfAnyCache) {
  ObjectCache<int> numbers("numbers");
  {
    const Owned<int> owner(*numbers.make(7));
  }
  EXPECT_EQ(numbers.stats().live, 0u);
}

// ---- Trouble -----------------------------------------------------------------------------------

TEST_F(HeapTest, NoMemoryIsAResult) {
  std::vector<void*> all;
  for (;;) {
    const auto memory = allocate(1000);
    if (!memory) {
      EXPECT_EQ(memory.error(), Errno::nomem);
      break;
    }
    all.push_back(*memory);
  }
  EXPECT_GT(all.size(), 15'000u);
  int count = 0;
  EXPECT_EQ(make<Derived>(&count).error(), Errno::nomem);
  EXPECT_EQ(count, 0);
  for (void* memory : all) free(memory);
  EXPECT_EQ(used_frames(), 0u);
}

TEST_F(HeapTest, AnInjectedFailureIsSeenByTheCaller) {
  int count = 0;
  fail_allocation(1);
  EXPECT_EQ(make<Derived>(&count).error(), Errno::nomem);
  EXPECT_TRUE(allocation_has_failed());
  EXPECT_TRUE(make<Derived>(&count));

  // The second allocation is the one of the slab for the first object of a size.
  fail_allocation(2);
  EXPECT_EQ(allocate(1400).error(), Errno::nomem);
  EXPECT_TRUE(allocation_has_failed());
  const auto memory = allocate(1400);
  ASSERT_TRUE(memory);
  free(*memory);

  fail_allocation(3);
  fail_allocation(0);
  for (int i = 0; i < 5; ++i) free(*allocate(100));
}

using HeapDeathTest = HeapTest;

TEST_F(HeapDeathTest, AWrongFreeIsNoticed) {
  char* const small = static_cast<char*>(*allocate(100));
  char* const large = static_cast<char*>(*allocate(10'000));
  static char foreign[64];
  EXPECT_DEATH(free(small + 16), "freed into the cache it came from");
  EXPECT_DEATH(free(large + k_page_size), "freed to the heap, once");
  EXPECT_DEATH(free(foreign), "freed to the heap");
  free(small);
  free(large);
  EXPECT_DEATH(free(small), "an object is freed twice");
  EXPECT_DEATH(free(large), "freed to the heap, once");
  const PhysAddr frame = *page_frames.allocate(0);
  EXPECT_DEATH(free(hal::phys_to_virt(frame)), "freed to the heap, once");
}

TEST_F(HeapDeathTest, MemoryKnowsItsKind) {
  [[clang::no_destroy]] static constinit SlabCache cache("a kind of thing", 48, 16);
  auto* const object = static_cast<char*>(*cache.allocate());
  EXPECT_STREQ(kind_of(object), "a kind of thing");
  EXPECT_STREQ(kind_of(object + 20), "a kind of thing");
  cache.free(object);
  const PhysAddr frame = *page_frames.allocate(0);
  EXPECT_EQ(kind_of(hal::phys_to_virt(frame)), nullptr);
  page_frames.free(frame, 0);
  EXPECT_EQ(kind_of(&cache), nullptr) << "not from here at all";
  cache.trim();
}

TEST_F(HeapDeathTest, TheBuddyOfASlabIsNotPartOfIt) {
  const auto page_of = [](void* object) {
    return round_down(raw(hal::virt_to_phys(object)), k_page_size);
  };
  const auto is_odd = [&](void* object) { return page_of(object) / k_page_size % 2 == 1; };
  std::vector<void*> objects;
  for (int i = 0; i < 200; ++i) objects.push_back(*allocate(100));
  for (void* object : objects)
    if (is_odd(object)) free(object);
  std::erase_if(objects, is_odd);
  ASSERT_FALSE(objects.empty());
  trim();
  void* const behind = hal::phys_to_virt(at(page_of(objects.front()) + k_page_size));
  EXPECT_DEATH(free(behind), "freed to the heap, once");
  for (void* object : objects) free(object);
}

}  // namespace
}  // namespace weft::mm
