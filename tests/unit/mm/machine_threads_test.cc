// The kernel's memory on host threads as CPUs, for ThreadSanitizer.
#include "unit/mm/scenarios.hh"

namespace weft::mm {
namespace {

TEST(MemoryOnHostThreads, FramesArePassedAround) {
  pass_frames_around({.cpus = 4, .seed = 1}, {.threads = 8, .steps = 2000});
}

TEST(MemoryOnHostThreads, ObjectsArePassedAround) {
  pass_objects_around({.cpus = 4, .seed = 2}, {.threads = 8, .steps = 2000});
}

TEST(MemoryOnHostThreads, FramesAreShared) {
  for (uint64_t seed = 1; seed <= 10; ++seed) share_frames({.cpus = 4, .seed = seed}, {});
}

TEST(MemoryOnHostThreads, StacksComeAndGo) { use_many_stacks({.cpus = 4, .seed = 4}, 200); }

}  // namespace
}  // namespace weft::mm
