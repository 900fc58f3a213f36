// The kernel's memory on several simulated CPUs.
#include "core/mm/fault_injection.hh"
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

// Two CPUs may each fetch a slab when one would do. Neither slab is forgotten.
TEST(MemoryOnSeveralCpus, SeveralCpusNeedTheFirstSlabAtOnce) {
  host::for_seeds(50, [](uint64_t seed) {
    host::Machine({.cpus = 4, .seed = seed}).run([] {
      Atomic<unsigned> ready{0};
      host::Crew crew;
      for (unsigned cpu = 0; cpu < 4; ++cpu) {
        crew.add({.cpu_mask = CpuMask{1} << cpu}, [&] {
          ready.fetch_add(1, relaxed);
          while (ready.load(relaxed) < 4) hal::relax();
          free(*allocate(500));
        });
      }
    });
  });
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

TEST(MemoryOnSeveralCpus, AnInjectedFailureHitsTheThreadThatAskedForIt) {
  host::Machine({.cpus = 2}).run([] {
    const auto run_other = [] {
      host::start({.name = "other"}, [] {
        for (int i = 0; i < 10; ++i) page_frames.free(*page_frames.allocate(0), 0);
      }).join();
    };
    run_other();  // leaves its stack in the pool
    fail_allocation(2);
    // The stack is this thread's allocation; what the other allocates is not.
    run_other();
    EXPECT_FALSE(allocation_has_failed());
    EXPECT_EQ(page_frames.allocate(0).error(), Errno::nomem);
  });
}

}  // namespace
}  // namespace weft::mm
