#include "core/mm/stats.hh"

#include <string>

#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"
#include "unit/mm/memory_fixture.hh"

namespace weft::mm {
namespace {

class StatsTest : public MemoryTest {
 protected:
  StatsTest() { start(16 * k_mebibyte); }

  class StringSink final : public Sink {
   public:
    void write(std::string_view text) override { string += text; }
    std::string string;
  };
};

TEST_F(StatsTest, ASnapshotSeesAllThatIsInUse) {
  ObjectCache<std::array<char, 100>> cache("hundreds");
  const auto object = *cache.make();
  void* const memory = *allocate(40);
  const MemoryStats stats = snapshot();
  EXPECT_EQ(stats.cache_count, 2u);
  EXPECT_STREQ(stats.caches[0].name, "hundreds");
  EXPECT_EQ(stats.caches[0].object_size, 100u);
  EXPECT_EQ(stats.caches[0].live, 1u);
  EXPECT_STREQ(stats.caches[1].name, "heap 48");
  EXPECT_EQ(stats.live_objects(), 2u);
  EXPECT_EQ(stats.frames.used_as(FrameUse::slab), 2u);
  EXPECT_EQ(stats.stacks.live, 0u);
  cache.destroy(object);
  free(memory);
  EXPECT_EQ(snapshot().live_objects(), 0u);
}

TEST_F(StatsTest, TrimLeavesOnlyWhatIsUsed) {
  free(*allocate(40));
  release_kernel_stack(*allocate_kernel_stack());
  trim();
  const MemoryStats stats = snapshot();
  EXPECT_EQ(stats.frames.cached, 0u);
  EXPECT_EQ(stats.stacks.pooled, 0u);
  EXPECT_EQ(stats.frames.used_in_all(), stats.frames.used_as(FrameUse::page_table));
  EXPECT_EQ(stats.caches[0].slabs, 0u);
}

TEST_F(StatsTest, TheReportHasALineForEachUseAndEachCache) {
  void* const memory = *allocate(40);
  const KernelStack stack = *allocate_kernel_stack();
  StringSink report;
  write_report(report, snapshot());
  const auto line_with = [&](std::string_view word) {
    const size_t place = report.string.find(word);
    if (place == std::string::npos) return std::string();
    return report.string.substr(place, report.string.find('\n', place) - place);
  };
  EXPECT_EQ(line_with("memory"), "memory              16224 KiB");
  EXPECT_EQ(line_with("slabs"), "slabs                 4 KiB");
  EXPECT_EQ(line_with("kernel stacks"), "kernel stacks        16 KiB");
  EXPECT_EQ(line_with("stacks in use"), "stacks in use           1, 0 ready");
  EXPECT_EQ(line_with("heap 48"), "heap 48             48         1        14       1         4");
  for (const char* word : {"free", "other", "page tables", "large blocks", "CPU caches"})
    EXPECT_NE(line_with(word), "") << word;
  free(memory);
  release_kernel_stack(stack);
}

}  // namespace
}  // namespace weft::mm
