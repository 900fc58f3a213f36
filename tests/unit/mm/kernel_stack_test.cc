#include "core/mm/kernel_stack.hh"

#include <cstring>
#include <set>
#include <vector>

#include "core/mm/fault_injection.hh"
#include "unit/mm/memory_fixture.hh"

namespace weft::mm {
namespace {

class KernelStackTest : public MemoryTest {
 protected:
  KernelStackTest() {
    start(16 * k_mebibyte);
    sched::init(sched::PolicyKind::rr);
  }

  static VirtAddr base(const KernelStack& stack) { return reinterpret_cast<VirtAddr>(stack.base); }

  // The page tables' frames stay for ever; all others come back.
  static uint64_t frames_but_tables() {
    const FrameStats stats = page_frames.stats();
    return stats.used_in_all() - stats.used_as(FrameUse::page_table);
  }
};

TEST_F(KernelStackTest, AStackIsMemoryOfItsOwn) {
  const KernelStack first = *allocate_kernel_stack();
  const KernelStack second = *allocate_kernel_stack();
  EXPECT_GE(first.size, k_stack_pages * k_page_size - 64);
  EXPECT_EQ(base(first) % k_page_size, 0u);
  EXPECT_EQ((base(first) + first.size) % 16, 0u);
  std::memset(first.base, 1, first.size);
  std::memset(second.base, 2, second.size);
  EXPECT_EQ(static_cast<char*>(first.base)[first.size - 1], 1);
  EXPECT_EQ(stack_stats().live, 2u);
  EXPECT_EQ(page_frames.stats().used_as(FrameUse::stack), 2 * k_stack_pages);
  EXPECT_EQ(host::mapped_pages(), 2 * k_stack_pages);
  EXPECT_EQ(stack_at(first.base).size, first.size);
  release_kernel_stack(first);
  release_kernel_stack(second);
  EXPECT_EQ(stack_stats().live, 0u);
}

TEST_F(KernelStackTest, AReleasedStackIsReadyForTheNext) {
  const KernelStack stack = *allocate_kernel_stack();
  release_kernel_stack(stack);
  EXPECT_EQ(stack_stats().pooled, 1u);
  fail_allocation(2);  // it needs no memory
  EXPECT_EQ(allocate_kernel_stack()->base, stack.base);
  fail_allocation(0);
  release_kernel_stack(stack);
  trim_kernel_stacks();
  EXPECT_EQ(stack_stats().pooled, 0u);
  EXPECT_EQ(host::mapped_pages(), 0u);
  EXPECT_EQ(frames_but_tables(), 0u);
}

TEST_F(KernelStackTest, ThePoolIsBounded) {
  std::vector<KernelStack> stacks;
  std::set<void*> bases;
  for (int i = 0; i < 500; ++i) {
    stacks.push_back(*allocate_kernel_stack());
    bases.insert(stacks.back().base);
  }
  EXPECT_EQ(bases.size(), 500u);
  for (const KernelStack& stack : stacks) release_kernel_stack(stack);
  EXPECT_EQ(stack_stats().live, 0u);
  EXPECT_LT(stack_stats().pooled, 100u);
  EXPECT_EQ(frames_but_tables(), stack_stats().pooled * k_stack_pages);
  trim();
  EXPECT_EQ(frames_but_tables(), 0u);
  EXPECT_EQ(host::mapped_pages(), 0u);
}

TEST_F(KernelStackTest, PlacesAreUsedAgainSoPageTablesDoNotGrow) {
  const auto round = [] {
    std::vector<KernelStack> stacks;
    for (int i = 0; i < 300; ++i) stacks.push_back(*allocate_kernel_stack());
    for (const KernelStack& stack : stacks) release_kernel_stack(stack);
    trim();
    return page_frames.stats().used_as(FrameUse::page_table);
  };
  const uint64_t tables = round();
  EXPECT_GT(tables, 0u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(round(), tables);
}

TEST_F(KernelStackTest, EachFailureOnTheWayGivesAllBack) {
  // The entry, four frames, a page table.
  for (uint32_t nth = 1; nth <= 6; ++nth) {
    fail_allocation(nth);
    EXPECT_EQ(allocate_kernel_stack().error(), Errno::nomem) << nth;
    EXPECT_TRUE(allocation_has_failed());
    EXPECT_EQ(stack_stats().live, 0u) << nth;
    EXPECT_EQ(frames_but_tables(), 0u) << nth;
    EXPECT_EQ(host::mapped_pages(), 0u) << nth;
  }
  // Later, the page table for a stack that begins under one table and ends under the next: its first
  // pages are mapped already. 512 is no multiple of 5, so of three such places one is inside a stack.
  std::vector<KernelStack> stacks = {*allocate_kernel_stack()};
  for (int failures = 0; failures < 3;) {
    fail_allocation(6);
    const auto stack = allocate_kernel_stack();
    if (stack) {
      stacks.push_back(*stack);
      continue;
    }
    ++failures;
    EXPECT_TRUE(allocation_has_failed());
    EXPECT_EQ(host::mapped_pages(), stacks.size() * k_stack_pages);
    EXPECT_EQ(frames_but_tables(), stacks.size() * k_stack_pages);
    fail_allocation(0);
    stacks.push_back(*allocate_kernel_stack());
  }
  EXPECT_GT(stacks.size(), 200u);
  for (const KernelStack& stack : stacks) release_kernel_stack(stack);
  trim();
  EXPECT_EQ(frames_but_tables(), 0u);
}

TEST_F(KernelStackTest, NoMemoryIsAResult) {
  std::vector<KernelStack> stacks;
  for (;;) {
    const auto stack = allocate_kernel_stack();
    if (!stack) {
      EXPECT_EQ(stack.error(), Errno::nomem);
      break;
    }
    stacks.push_back(*stack);
  }
  EXPECT_GT(stacks.size(), 900u);
  for (const KernelStack& stack : stacks) release_kernel_stack(stack);
  // A shortage takes the pool's stacks, too.
  std::vector<PhysAddr> all;
  while (const auto frame = page_frames.allocate(0)) all.push_back(*frame);
  EXPECT_EQ(stack_stats().pooled, 0u);
  for (const PhysAddr frame : all) page_frames.free(frame, 0);
  EXPECT_EQ(frames_but_tables(), 0u);
}

TEST_F(KernelStackTest, AFaultInAGuardNamesTheStack) {
  const KernelStack first = *allocate_kernel_stack();
  const KernelStack second = *allocate_kernel_stack();
  EXPECT_EQ(stack_guard_owner(base(first) - 1)->base, first.base);
  EXPECT_EQ(stack_guard_owner(base(first) - k_page_size)->base, first.base);
  EXPECT_EQ(stack_guard_owner(base(second) - 8)->base, second.base);
  EXPECT_EQ(stack_guard_owner(base(second) - 8)->size, second.size);
  EXPECT_FALSE(stack_guard_owner(base(first)));
  EXPECT_FALSE(stack_guard_owner(base(first) + first.size - 1));
  // No stack has been there yet; outside of the area; far below it.
  EXPECT_FALSE(stack_guard_owner(base(second) + k_stack_pages * k_page_size));
  EXPECT_FALSE(stack_guard_owner(hal::kernel_area().base - 1));
  EXPECT_FALSE(stack_guard_owner(0));
  EXPECT_FALSE(stack_guard_owner(hal::kernel_area().base + hal::kernel_area().size));
  release_kernel_stack(first);
  release_kernel_stack(second);
  trim_kernel_stacks();
  EXPECT_FALSE(stack_guard_owner(base(first) - 1));
}

using KernelStackDeathTest = KernelStackTest;

TEST_F(KernelStackDeathTest, TheGuardFaults) {
  const KernelStack stack = *allocate_kernel_stack();
  volatile char* const guard = static_cast<char*>(stack.base) - 1;
  EXPECT_DEATH(*guard = 1, "");
  release_kernel_stack(stack);
}

}  // namespace
}  // namespace weft::mm
