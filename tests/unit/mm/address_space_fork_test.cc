// AddressSpace: what a child gets, shares and copies.
#include <gtest/gtest.h>

#include "core/mm/address_space.hh"
#include "core/mm/fault_injection.hh"
#include "core/mm/page_frames.hh"
#include "unit/support/machine.hh"
#include "unit/support/user_space.hh"

namespace weft {
namespace {

using host::at;
using host::k_rw;
using host::request;
using host::UserSpace;
using mm::Access;

constexpr size_t k_page = k_page_size;

void in_machine(const std::function<void()>& body) { host::Machine().run(body); }

TEST(AddressSpaceFork, ForkSharesUntilSomebodyWrites) {
  in_machine([] {
    UserSpace parent;
    const VirtAddr place = parent->map(request(8)).value();
    for (size_t i = 0; i < 8; ++i) ASSERT_TRUE(parent.write(place + i * k_page, 10 + i));
    const uint64_t before = mm::page_frames.stats().used_as(mm::FrameUse::user);
    UserSpace child(parent->fork().value());
    EXPECT_EQ(mm::page_frames.stats().used_as(mm::FrameUse::user), before) << "nothing copied yet";
    EXPECT_TRUE(child.write(place, 99));
    EXPECT_EQ(mm::page_frames.stats().used_as(mm::FrameUse::user), before + 1);
    EXPECT_EQ(parent.read(place), 10u);
    EXPECT_EQ(child.read(place), 99u);
    EXPECT_TRUE(parent.write(place, 11)) << "the last holder writes in place";
    EXPECT_EQ(mm::page_frames.stats().used_as(mm::FrameUse::user), before + 1);
    EXPECT_EQ(child.read(place + 7 * k_page), 17u);
  });
}

// Each allocation on the way fails once: frames, tables, the records of regions.
TEST(AddressSpaceFork, AForkThatFindsNoMemoryLeavesNothing) {
  in_machine([] {
    UserSpace parent;
    const VirtAddr place = parent->map(request(1)).value();
    ASSERT_TRUE(parent.write(place, 5));
    const uint64_t before = mm::page_frames.stats().used_as(mm::FrameUse::user);
    uint32_t failures = 0;
    for (bool has_failed = true; has_failed;) {
      mm::fail_allocation(failures + 1);
      const bool has_child = parent->fork().has_value();
      has_failed = mm::allocation_has_failed();
      mm::fail_allocation(0);
      if (has_failed) ++failures;
      EXPECT_EQ(has_child, !has_failed);
      ASSERT_EQ(mm::page_frames.stats().used_as(mm::FrameUse::user), before)
          << "allocation " << failures;
      EXPECT_EQ(parent.read(place), 5u);
    }
    EXPECT_GT(failures, 2u);
  });
}

TEST(AddressSpaceFork, SharedMemoryIsOneForParentAndChild) {
  in_machine([] {
    UserSpace parent;
    mm::MapRequest wish = request(2);
    wish.is_shared = true;
    const VirtAddr place = parent->map(wish).value();
    ASSERT_TRUE(parent.write(place, 1));
    UserSpace child(parent->fork().value());
    ASSERT_TRUE(child.write(place, 2));
    ASSERT_TRUE(child.write(place + k_page, 3)) << "touched after the fork for the first time";
    EXPECT_EQ(parent.read(place), 2u);
    EXPECT_EQ(parent.read(place + k_page), 3u);
  });
}

TEST(AddressSpaceFork, AfterForkAProtectedPageIsStillCopiedBeforeAWrite) {
  in_machine([] {
    UserSpace parent;
    ASSERT_TRUE(parent->map(at(0x100000, 1)));
    ASSERT_TRUE(parent.write(0x100000, 5));
    UserSpace child(parent->fork().value());
    ASSERT_TRUE(child->protect(0x100000, k_page, Access::none));
    ASSERT_TRUE(child->protect(0x100000, k_page, k_rw));
    ASSERT_TRUE(child.write(0x100000, 6));
    EXPECT_EQ(parent.read(0x100000), 5u);
  });
}

TEST(AddressSpaceFork, AChildMaySynchronizeIfItsParentMay) {
  in_machine([] {
    UserSpace parent;
    EXPECT_EQ(parent->synchronize().error(), Errno::perm);
    UserSpace early(parent->fork().value());
    parent->allow_barriers();
    EXPECT_TRUE(parent->synchronize().has_value());
    UserSpace late(parent->fork().value());
    EXPECT_TRUE(late->synchronize().has_value());
    EXPECT_EQ(early->synchronize().error(), Errno::perm);
  });
}

}  // namespace
}  // namespace weft
