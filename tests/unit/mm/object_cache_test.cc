#include "core/mm/object_cache.hh"

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "core/mm/fault_injection.hh"
#include "unit/mm/memory_fixture.hh"
#include "unit/support/random.hh"
#include "unit/support/seeds.hh"

namespace weft::mm {
namespace {

class ObjectCacheTest : public MemoryTest {
 protected:
  ObjectCacheTest() { start(16 * k_mebibyte); }
};

// Counts how many of it there are.
struct Tracked {
  explicit Tracked(int value) : value(value) { ++living; }
  ~Tracked() { --living; }
  static inline int living = 0;
  int value;
  std::array<char, 60> more{};
};

TEST_F(ObjectCacheTest, ObjectsAreConstructedAndDestroyed) {
  ObjectCache<Tracked> cache("tracked");
  const auto object = cache.make(42);
  ASSERT_TRUE(object);
  EXPECT_EQ((*object)->value, 42);
  EXPECT_EQ(Tracked::living, 1);
  EXPECT_EQ(cache.stats().live, 1u);
  cache.destroy(*object);
  EXPECT_EQ(Tracked::living, 0);
  EXPECT_EQ(cache.stats().live, 0u);
}

template <size_t k_size, size_t k_alignment>
void check_size() {
  struct alignas(k_alignment) Object {
    std::array<char, k_size> bytes;
  };
  ObjectCache<Object> cache("sized");
  std::set<char*> objects;
  for (int i = 0; i < 300; ++i) {
    const auto object = cache.make();
    ASSERT_TRUE(object);
    char* const begin = (*object)->bytes.data();
    ASSERT_EQ(reinterpret_cast<uintptr_t>(begin) % k_alignment, 0u);
    std::memset(begin, i, sizeof(Object));
    const auto next = objects.insert(begin).first;
    if (next != objects.begin()) {
      ASSERT_LE(*std::prev(next) + sizeof(Object), begin);
    }
    if (std::next(next) != objects.end()) {
      ASSERT_LE(begin + sizeof(Object), *std::next(next));
    }
  }
  EXPECT_EQ(cache.stats().live, 300u);
  for (char* object : objects) cache.destroy(reinterpret_cast<Object*>(object));
  cache.trim();
  EXPECT_EQ(cache.stats().slabs, 0u);
  EXPECT_EQ(page_frames.stats().used_in_all(), 0u);
}

TEST_F(ObjectCacheTest, AllSizesAndAlignments) {
  check_size<1, 1>();
  check_size<8, 8>();
  check_size<24, 8>();
  check_size<100, 4>();
  check_size<64, 64>();
  check_size<384, 128>();
  check_size<1000, 8>();
  check_size<2048, 16>();
  check_size<4096, 16>();
}

TEST_F(ObjectCacheTest, LittleMemoryIsWasted) {
  SlabCache cache("frugal", 600, 8);
  std::vector<void*> objects;
  for (int i = 0; i < 1000; ++i) objects.push_back(*cache.allocate());
  const CacheStats stats = cache.stats();
  EXPECT_LT(stats.frames * k_page_size, 1000 * 600 * 5 / 4);
  for (void* object : objects) cache.free(object);
}

TEST_F(ObjectCacheTest, EmptySlabsGoBackButForOne) {
  ObjectCache<Tracked> cache("tracked");
  std::vector<Tracked*> objects;
  for (int i = 0; i < 1000; ++i) objects.push_back(*cache.make(i));
  const size_t slabs = cache.stats().slabs;
  EXPECT_GT(slabs, 10u);
  for (Tracked* object : objects) cache.destroy(object);
  // What the magazine holds may keep one slab, or lie in two; one more is kept in reserve.
  EXPECT_LE(cache.stats().slabs, 3u);
  EXPECT_GT(cache.stats().cached, 0u);
  cache.trim();
  EXPECT_EQ(cache.stats().slabs, 0u);
  EXPECT_EQ(cache.stats().cached, 0u);
}

TEST_F(ObjectCacheTest, TheSlabInReserveIsUsedAgain) {
  SlabCache cache("edge", 2000, 8);
  std::vector<void*> objects;
  const auto fill = [&](size_t count) {
    while (objects.size() < count) objects.push_back(*cache.allocate());
  };
  const auto empty = [&] {
    while (!objects.empty()) {
      cache.free(objects.back());
      objects.pop_back();
    }
  };
  fill(100);
  empty();
  const uint64_t used = page_frames.stats().used_in_all();
  EXPECT_GE(cache.stats().slabs, 2u);
  fill(cache.stats().slabs * 8);
  EXPECT_EQ(page_frames.stats().used_in_all(), used);
  empty();
}

TEST_F(ObjectCacheTest, RandomObjectsAgreeWithAModel) {
  host::for_seeds(20, [](uint64_t seed) {
    host::Random random(seed);
    ObjectCache<Tracked> cache("tracked");
    std::vector<Tracked*> objects;
    for (int step = 0; step < 3000; ++step) {
      const bool growing = step / 300 % 2 == 0;
      if (objects.empty() || random.below(10) < (growing ? 7u : 3u)) {
        const auto object = cache.make(step);
        ASSERT_TRUE(object);
        objects.push_back(*object);
      } else if (random.once_in(200)) {
        cache.trim();
      } else {
        const size_t i = random.below(objects.size());
        cache.destroy(objects[i]);
        objects[i] = objects.back();
        objects.pop_back();
      }
      ASSERT_EQ(cache.stats().live, objects.size());
      ASSERT_EQ(static_cast<size_t>(Tracked::living), objects.size());
    }
    std::set<int> values;
    for (Tracked* object : objects) {
      values.insert(object->value);
      cache.destroy(object);
    }
    EXPECT_EQ(values.size(), objects.size());
  });
  EXPECT_EQ(used_frames(), 0u);
}

TEST_F(ObjectCacheTest, NoMemoryIsAResultAndNoObject) {
  ObjectCache<Tracked> cache("tracked");
  fail_allocation(1);
  EXPECT_EQ(cache.make(1).error(), Errno::nomem);
  fail_allocation(2);  // the slab's
  EXPECT_EQ(cache.make(1).error(), Errno::nomem);
  EXPECT_EQ(Tracked::living, 0);
  EXPECT_EQ(cache.stats().slabs, 0u);
  EXPECT_EQ(page_frames.stats().used_in_all(), 0u);
}

TEST_F(ObjectCacheTest, ACacheThatNeverHadAnObjectDiesQuietly) {
  ObjectCache<Tracked> unused("unused");
  EXPECT_EQ(snapshot().cache_count, 0u);
}

// The process that dies shares the machine's memory with the one that goes on; so what it does before
// it dies must change nothing there.
using ObjectCacheDeathTest = ObjectCacheTest;

TEST_F(ObjectCacheDeathTest, ADoubleFreeIsNoticed) {
  ObjectCache<Tracked> cache("tracked");
  Tracked* const object = *cache.make(1);
  cache.destroy(object);
  EXPECT_DEATH(cache.destroy(object), "an object is freed twice");
  SlabCache plain("plain", 64, 8);
  std::vector<void*> all;
  for (int i = 0; i < 100; ++i) all.push_back(*plain.allocate());
  for (void* each : all) plain.free(each);
  EXPECT_DEATH(plain.free(all[0]), "an object is freed");
  EXPECT_DEATH(plain.free(all[99]), "an object is freed twice");
}

TEST_F(ObjectCacheDeathTest, AForeignFreeIsNoticed) {
  SlabCache first("first", 64, 8);
  SlabCache second("second", 64, 8);
  char* const object = static_cast<char*>(*first.allocate());
  static char nobodys[64];
  void* const frame = hal::phys_to_virt(*page_frames.allocate(0));
  EXPECT_DEATH(second.free(object), "the cache it came from");
  EXPECT_DEATH(first.free(object + 8), "the cache it came from");
  EXPECT_DEATH(first.free(nobodys), "the cache it came from");
  EXPECT_DEATH(first.free(frame), "the cache it came from");
  first.free(object);
}

TEST_F(ObjectCacheDeathTest, AWriteBehindTheEndIsNoticed) {
  SlabCache cache("overrun", 64, 8);
  char* const object = static_cast<char*>(*cache.allocate());
  std::array<char, 8> behind;
  std::memcpy(behind.data(), object + 64, 8);
  std::memset(object, 0, 72);
  EXPECT_DEATH(cache.free(object), "memory behind an object");
  std::memcpy(object + 64, behind.data(), 8);
  cache.free(object);
  std::memset(object + 64, 0, 8);
  EXPECT_DEATH(static_cast<void>(cache.allocate()), "memory behind an object");
}

TEST_F(ObjectCacheDeathTest, AWriteAfterTheFreeIsNoticed) {
  SlabCache cache("late", 64, 8);
  char* const object = static_cast<char*>(*cache.allocate());
  cache.free(object);
  object[40] = 1;
  EXPECT_DEATH(static_cast<void>(cache.allocate()), "a freed object is not written to");
}

TEST_F(ObjectCacheDeathTest, ACacheDoesNotDieBeforeItsObjects) {
  EXPECT_DEATH(
      {
        ObjectCache<Tracked> cache("tracked");
        static_cast<void>(cache.make(1));
      },
      "all objects have come back");
}

TEST_F(ObjectCacheDeathTest, AnObjectIsAPageAtMost) {
  EXPECT_DEATH(SlabCache("too large", k_page_size + 1, 8), "a page at most");
}

}  // namespace
}  // namespace weft::mm
