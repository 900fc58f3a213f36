// The test machine: what a test leaves behind is found, and nothing goes from one machine to the next.
#include "unit/support/machine.hh"

#include <new>
#include <string>

#include <gtest/gtest-spi.h>

#include "core/mm/heap.hh"
#include "core/mm/kernel_stack.hh"
#include "core/mm/page_frames.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

TEST(Machine, RunsItsBodyAsAThread) {
  Machine machine({.cpus = 3});
  int runs = 0;
  machine.run([&] {
    ++runs;
    EXPECT_EQ(hal::cpu_count(), 3u);
    EXPECT_EQ(hal::current()->name(), "test");
    EXPECT_TRUE(hal::irq_enabled());
  });
  machine.run([&] { ++runs; });  // a second boot
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(hal::cpu_count(), 1u);
}

TEST(Machine, EachOneStartsAnew) {
  uint64_t first_id = 0;
  for (int round = 0; round < 3; ++round) {
    Machine machine({.cpus = 2, .seed = 5});
    machine.run([&] {
      EXPECT_LT(hal::now(), k_second);
      ThreadHandle thread = host::start({}, [] {});
      if (round == 0) first_id = thread->id();
      EXPECT_EQ(thread->id(), first_id);
      thread.join();
    });
  }
}

TEST(Machine, HasTheMemoryThatWasAskedFor) {
  for (const size_t size : {size_t{2} << 20, size_t{256} << 20, size_t{1} << 30}) {
    Machine machine({.memory = size});
    machine.run([&] {
      EXPECT_LE(mm::page_frames.stats().total * k_page_size, size);
      EXPECT_GE(mm::page_frames.stats().total * k_page_size, size * 9 / 10);
    });
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What GoogleTest would say of a test with this body.
std::string failures_of(const std::function<void()>& body) {
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter catcher(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &failures);
    Machine machine;
    machine.run(body);
  }
  std::string text;
  for (int i = 0; i < failures.size(); ++i) text += failures.GetTestPartResult(i).message();
  return text;
}

TEST(Machine, FindsWhatATestLeavesBehind) {
  EXPECT_EQ(failures_of([] {}), "");
  EXPECT_PRED2(contains, failures_of([] { EXPECT_TRUE(mm::allocate(100).has_value()); }),
               std::string("objects were not freed"));
  EXPECT_PRED2(contains, failures_of([] { EXPECT_TRUE(mm::page_frames.allocate(3).has_value()); }),
               std::string("page frames were not freed"));
  EXPECT_PRED2(contains, failures_of([] {
                 Result<mm::KernelStack> stack = mm::allocate_kernel_stack();
                 EXPECT_TRUE(stack.has_value());
               }),
               std::string("kernel stacks are left"));
  // A thread that never ends; its handle is kept where no destructor asks for it.
  EXPECT_PRED2(contains, failures_of([] {
                 alignas(ThreadHandle) static std::byte place[sizeof(ThreadHandle)];
                 new (place) ThreadHandle(host::start({}, [] { sched::sleep_until(k_never - 1); }));
               }),
               std::string("threads are left"));
}

}  // namespace
}  // namespace weft
