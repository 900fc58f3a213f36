// Lab fork: what the kernel's own tests of address spaces see only when all parts are written.
#include <gtest/gtest.h>

#include <functional>

#include "core/mm/fault_injection.hh"
#include "core/mm/page_frames.hh"
#include "unit/support/machine.hh"
#include "unit/support/user_space.hh"

namespace weft {
namespace {

using host::UserSpace;
using mm::Access;
using mm::FaultResult;
using mm::PageEntry;

constexpr VirtAddr k_place = 0x10'0000;
constexpr Access k_read_write = Access::read | Access::write;

void in_machine(const std::function<void()>& body) { host::Machine().run(body); }

mm::MapRequest request(size_t pages, Access access = k_read_write) {
  mm::MapRequest wish;
  wish.address = k_place;
  wish.size = pages * k_page_size;
  wish.access = access;
  wish.is_fixed = true;
  return wish;
}

// What the CPU would find: looks at the tables, touches nothing.
PageEntry entry_of(const UserSpace& user, VirtAddr address) {
  PhysAddr table = user->root();
  for (unsigned level = 3;; --level) {
    const auto* const entries = static_cast<const uint64_t*>(hal::phys_to_virt(table));
    const uint64_t bits = entries[address >> (k_page_shift + 9 * level) & 511];
    if (level == 0 || bits == 0) return PageEntry(bits);
    table = static_cast<PhysAddr>(bits & PageEntry::k_frame_mask);
  }
}

// What stands there, or a letter that nobody writes.
uint64_t look(const UserSpace& user, VirtAddr address) {
  std::byte letter{0xee};
  user->read(address, {&letter, 1});
  return static_cast<uint64_t>(letter);
}

uint64_t user_frames() { return mm::page_frames.stats().used_as(mm::FrameUse::user); }

// ---- Part 1 ---------------------------------------------------------------------------------------

TEST(LabFork, AFrameThatWasSomebodyElsesComesEmpty) {
  in_machine([] {
    {
      UserSpace other;
      ASSERT_TRUE(other->map(request(40)));
      for (size_t i = 0; i < 40; ++i) ASSERT_TRUE(other.write(k_place + i * k_page_size, 77));
    }
    UserSpace user;
    ASSERT_TRUE(user->map(request(40)));
    for (size_t i = 0; i < 40; ++i) {
      ASSERT_EQ(user.read(k_place + i * k_page_size), 0u) << "page " << i;
    }
    EXPECT_EQ(user->resident_pages(), 40u);
  });
}

TEST(LabFork, OnlyWhatIsTouchedCosts) {
  in_machine([] {
    UserSpace user;
    ASSERT_TRUE(user->map(request(1000)));
    const uint64_t before = user_frames();
    ASSERT_TRUE(user.write(k_place + 500 * k_page_size, 1));
    ASSERT_TRUE(user.write(k_place + 500 * k_page_size + 8, 1));
    EXPECT_EQ(user_frames(), before + 1);
  });
}

TEST(LabFork, ATouchThatFindsNoMemorySaysSo) {
  in_machine([] {
    UserSpace user;
    ASSERT_TRUE(user->map(request(1)));
    uint32_t failures = 0;
    for (uint32_t nth = 1;; ++nth) {
      mm::fail_allocation(nth);
      const FaultResult result = user->handle_fault(k_place, Access::write);
      const bool has_failed = mm::allocation_has_failed();
      mm::fail_allocation(0);
      if (!has_failed) {
        EXPECT_EQ(result, FaultResult::handled);
        break;
      }
      ++failures;
      EXPECT_EQ(result, FaultResult::no_memory);
      EXPECT_EQ(user->resident_pages(), 0u);
    }
    EXPECT_GT(failures, 1u) << "tables and the page: each may find none";
    EXPECT_EQ(user.read(k_place), 0u);
  });
}

// ---- Part 2 ---------------------------------------------------------------------------------------

TEST(LabFork, AChildSeesWhatItsParentWrote) {
  in_machine([] {
    UserSpace parent;
    ASSERT_TRUE(parent->map(request(600)));
    for (size_t i = 0; i < 600; i += 3)
      ASSERT_TRUE(parent.write(k_place + i * k_page_size, i % 200));
    const uint64_t before = user_frames();
    UserSpace child(parent->fork().value());
    EXPECT_EQ(user_frames(), before) << "nothing is copied";
    EXPECT_EQ(child->resident_pages(), parent->resident_pages());
    for (size_t i = 0; i < 600; ++i) {
      const VirtAddr page = k_place + i * k_page_size;
      if (i % 3 == 0) {
        ASSERT_EQ(look(child, page), i % 200) << "page " << i;
      } else {
        ASSERT_FALSE(entry_of(child, page).has_frame()) << "page " << i << " was never touched";
      }
    }
  });
}

TEST(LabFork, NeitherMayWriteToASharedFrame) {
  in_machine([] {
    UserSpace parent;
    ASSERT_TRUE(parent->map(request(1)));
    ASSERT_TRUE(parent.write(k_place, 5));
    UserSpace child(parent->fork().value());
    EXPECT_EQ(entry_of(parent, k_place).frame(), entry_of(child, k_place).frame());
    EXPECT_FALSE(entry_of(parent, k_place).is_writable()) << "the parent's entry";
    EXPECT_FALSE(entry_of(child, k_place).is_writable()) << "the child's entry";
    EXPECT_TRUE(entry_of(parent, k_place).is_present());
  });
}

TEST(LabFork, MemoryThatIsMeantToBeSharedStaysWritable) {
  in_machine([] {
    UserSpace parent;
    mm::MapRequest wish = request(1);
    wish.is_shared = true;
    ASSERT_TRUE(parent->map(wish));
    ASSERT_TRUE(parent.write(k_place, 5));
    UserSpace child(parent->fork().value());
    EXPECT_TRUE(entry_of(parent, k_place).is_writable());
    EXPECT_TRUE(entry_of(child, k_place).is_writable());
    ASSERT_TRUE(child.write(k_place, 6));
    EXPECT_EQ(look(parent, k_place), 6u);
  });
}

TEST(LabFork, TheLastHolderGivesTheFramesBack) {
  in_machine([] {
    const uint64_t before = user_frames();
    std::optional<UserSpace> child;
    {
      UserSpace parent;
      ASSERT_TRUE(parent->map(request(8)));
      for (size_t i = 0; i < 8; ++i) ASSERT_TRUE(parent.write(k_place + i * k_page_size, 40 + i));
      child.emplace(parent->fork().value());
    }
    EXPECT_EQ(user_frames(), before + 8);
    for (size_t i = 0; i < 8; ++i) EXPECT_EQ(look(*child, k_place + i * k_page_size), 40 + i);
    child.reset();
    EXPECT_EQ(user_frames(), before);
  });
}

// ---- Part 3 ---------------------------------------------------------------------------------------

TEST(LabFork, ThreeGenerationsHaveAPageEach) {
  in_machine([] {
    UserSpace parent;
    ASSERT_TRUE(parent->map(request(1)));
    ASSERT_TRUE(parent.write(k_place, 1));
    const uint64_t before = user_frames();
    UserSpace child(parent->fork().value());
    UserSpace grandchild(child->fork().value());
    ASSERT_TRUE(child.write(k_place, 2));
    EXPECT_EQ(user_frames(), before + 1);
    ASSERT_TRUE(grandchild.write(k_place, 3));
    EXPECT_EQ(user_frames(), before + 2);
    const PhysAddr kept = entry_of(parent, k_place).frame();
    ASSERT_TRUE(parent.write(k_place, 4));
    EXPECT_EQ(entry_of(parent, k_place).frame(), kept) << "nobody else has this frame any more";
    EXPECT_EQ(user_frames(), before + 2);
    EXPECT_EQ(look(parent, k_place), 4u);
    EXPECT_EQ(look(child, k_place), 2u);
    EXPECT_EQ(look(grandchild, k_place), 3u);
  });
}

TEST(LabFork, ACopyThatFindsNoMemoryChangesNothing) {
  in_machine([] {
    UserSpace parent;
    ASSERT_TRUE(parent->map(request(1)));
    ASSERT_TRUE(parent.write(k_place, 5));
    UserSpace child(parent->fork().value());
    mm::fail_allocation(1);
    EXPECT_EQ(child->handle_fault(k_place, Access::write), FaultResult::no_memory);
    EXPECT_TRUE(mm::allocation_has_failed());
    mm::fail_allocation(0);
    EXPECT_EQ(look(child, k_place), 5u);
    EXPECT_FALSE(entry_of(child, k_place).is_writable());
    ASSERT_TRUE(child.write(k_place, 6));
    EXPECT_EQ(look(parent, k_place), 5u);
  });
}

}  // namespace
}  // namespace weft
