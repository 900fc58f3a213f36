// The kernel's memory on several simulated CPUs.
#include "unit/mm/scenarios.hh"

namespace weft::mm {
namespace {

TEST(MemoryOnSeveralCpus, FramesArePassedAround) {
  host::for_seeds(20, [](uint64_t seed) { pass_frames_around(host::options_for(seed), {}); });
}

TEST(MemoryOnSeveralCpus, ObjectsArePassedAround) {
  host::for_seeds(20, [](uint64_t seed) { pass_objects_around(host::options_for(seed), {}); });
}

TEST(MemoryOnSeveralCpus, FramesAreShared) {
  host::for_seeds(20, [](uint64_t seed) { share_frames(host::options_for(seed), {}); });
}

TEST(MemoryOnSeveralCpus, StacksComeAndGo) {
  host::for_seeds(4, [](uint64_t seed) { use_many_stacks(host::options_for(seed), 150); });
}

// A frame of one CPU's cache is free for all: a trim from elsewhere finds it.
TEST(MemoryOnSeveralCpus, ATrimEmptiesTheCachesOfAllCpus) {
  host::Machine({.cpus = 4}).run([] {
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
      host::Crew crew;
      crew.add({.cpu_mask = CpuMask{1} << cpu},
               [] { page_frames.free(*page_frames.allocate(0), 0); });
    }
    EXPECT_GE(page_frames.stats().cached, 4 * 32u - 16);
    page_frames.trim();
    EXPECT_EQ(page_frames.stats().cached, 0u);
  });
}

}  // namespace
}  // namespace weft::mm
