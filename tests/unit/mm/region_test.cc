// RegionMap against a plain list of intervals: who is where, and where there is room.
#include "core/mm/region.hh"

#include <gtest/gtest.h>

#include <map>

#include "unit/support/machine.hh"
#include "unit/support/random.hh"
#include "unit/support/seeds.hh"

namespace weft::mm {
namespace {

constexpr size_t k_page = k_page_size;
constexpr VirtAddr k_base =
    RegionMap::k_top - 64 * k_page;  // so the end of the area is within reach

using Model = std::map<VirtAddr, VirtAddr>;  // from start to end, none joined

VirtAddr free_place(const Model& model, size_t size) {
  VirtAddr limit = RegionMap::k_top;
  for (auto each = model.rbegin(); each != model.rend(); ++each) {
    if (each->second < limit && limit - each->second >= size) return limit - size;
    limit = std::min(limit, each->first);
  }
  return limit - RegionMap::k_lowest >= size ? limit - size : 0;
}

VirtAddr start_of(const Region* region) { return region == nullptr ? 0 : region->start; }

void expect_the_same(const RegionMap& map, const Model& model) {
  auto expected = model.begin();
  for (const Region* region = map.first(); region != nullptr; region = map.after(*region)) {
    ASSERT_NE(expected, model.end());
    EXPECT_EQ(region->start, expected->first);
    EXPECT_EQ(region->end, expected->second);
    ++expected;
  }
  EXPECT_EQ(expected, model.end());
  EXPECT_EQ(map.count(), model.size());
}

void insert(RegionMap& map, VirtAddr start, VirtAddr end) {
  Region region;
  region.start = start;
  region.end = end;
  region.grows_down = true;  // such a region is never joined
  EXPECT_TRUE(map.insert(region).has_value());
}

void step(RegionMap& map, Model& model, host::Random& random) {
  const size_t page = random.below(70);
  const VirtAddr place = k_base + page * k_page;
  const auto behind = model.upper_bound(place);
  const bool is_inside = behind != model.begin() && std::prev(behind)->second > place;
  if (is_inside) {
    const auto own = std::prev(behind);
    if (random.once_in(2) && own->first < place) {
      EXPECT_TRUE(map.split(place).has_value());
      model[place] = std::exchange(own->second, place);
    } else {
      map.erase(*map.find(place));
      model.erase(own);
    }
    return;
  }
  const size_t room = behind == model.end() ? 8 : (behind->first - place) / k_page;
  const size_t pages = 1 + random.below(std::min<size_t>(room, 8));
  model[place] = place + pages * k_page;
  insert(map, place, model[place]);
}

TEST(RegionMap, AgreesWithAPlainList) {
  host::for_seeds(8, [](uint64_t seed) {
    host::Machine({.seed = seed}).run([&] {
      host::Random random(seed);
      RegionMap map;
      Model model;
      for (int round = 0; round < 600; ++round) {
        step(map, model, random);
        expect_the_same(map, model);
        const VirtAddr place = k_base + random.below(70) * k_page;
        const auto behind = model.upper_bound(place);
        const auto before = behind == model.begin() ? model.end() : std::prev(behind);
        const bool is_inside = before != model.end() && before->second > place;
        EXPECT_EQ(start_of(map.find(place)), is_inside ? before->first : 0);
        const auto next = is_inside ? before : behind;
        EXPECT_EQ(start_of(map.find_or_after(place)), next == model.end() ? 0 : next->first);
        const auto previous = next == model.begin() ? model.end() : std::prev(next);
        EXPECT_EQ(start_of(map.before(place)), previous == model.end() ? 0 : previous->first);
        for (const size_t pages : {1, 2, 5, 30}) {
          EXPECT_EQ(map.find_free(pages * k_page), free_place(model, pages * k_page)) << pages;
        }
      }
    });
  });
}

TEST(RegionMap, HugeHolesAreFoundToo) {
  host::Machine().run([] {
    constexpr size_t k_tebibyte = size_t{1} << 40;
    RegionMap map;
    const VirtAddr high = RegionMap::k_top - 3 * k_tebibyte;
    insert(map, 0x400000, 0x401000);
    insert(map, high, high + k_page);
    EXPECT_EQ(map.find_free(2 * k_tebibyte), RegionMap::k_top - 2 * k_tebibyte);
    EXPECT_EQ(map.find_free(4 * k_tebibyte), high - 4 * k_tebibyte);
    EXPECT_EQ(map.find_free(200 * k_tebibyte), 0u);
  });
}

}  // namespace
}  // namespace weft::mm
