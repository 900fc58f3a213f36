// AddressSpace: regions against a simple model, and the rules of demand-zero, copy-on-write, sharing.
#include "core/mm/address_space.hh"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

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
using mm::Advice;
using mm::FaultResult;

constexpr size_t k_page = k_page_size;

void in_machine(const std::function<void()>& body) { host::Machine().run(body); }

TEST(AddressSpace, MemoryIsZeroAndKeepsWhatIsWritten) {
  in_machine([] {
    UserSpace user;
    const VirtAddr place = user->map(request(4)).value();
    EXPECT_EQ(user.read(place + 3 * k_page), 0u);
    EXPECT_TRUE(user.write(place + 5, 42));
    EXPECT_EQ(user.read(place + 5), 42u);
    EXPECT_EQ(user->resident_pages(), 2u);
  });
}

TEST(AddressSpace, ATouchOutsideIsRefused) {
  in_machine([] {
    UserSpace user;
    const VirtAddr place = user->map(request(1, Access::read)).value();
    EXPECT_FALSE(user.write(place, 1));
    EXPECT_EQ(user->handle_fault(place, Access::write), FaultResult::bad_access);
    EXPECT_EQ(user->handle_fault(place, Access::execute), FaultResult::bad_access);
    EXPECT_EQ(user->handle_fault(place + k_page, Access::read), FaultResult::bad_address);
    EXPECT_EQ(user->handle_fault(~VirtAddr{0}, Access::read), FaultResult::bad_address);
    ASSERT_TRUE(user->unmap(place, k_page));
    EXPECT_EQ(user->handle_fault(place, Access::read), FaultResult::bad_address);
  });
}

TEST(AddressSpace, APrivateRegionThatWasAskedAboutIsKnownUntilItGoes) {
  in_machine([] {
    UserSpace user;
    const VirtAddr place = user->map(request(4)).value();
    EXPECT_FALSE(user->is_known_private(place));
    ASSERT_TRUE(user->key_of(place + k_page).has_value());
    EXPECT_TRUE(user->is_known_private(place));
    EXPECT_TRUE(user->is_known_private(place + 4 * k_page - 1));
    EXPECT_FALSE(user->is_known_private(place - 1));
    EXPECT_FALSE(user->is_known_private(place + 4 * k_page));
    EXPECT_FALSE(user->is_known_private(0));
    ASSERT_TRUE(user->unmap(place + 2 * k_page, k_page));
    EXPECT_FALSE(user->is_known_private(place + 2 * k_page));
    ASSERT_TRUE(user->key_of(place).has_value());
    mm::MapRequest wish = at(place, 1);
    wish.is_shared = true;
    ASSERT_TRUE(user->map(wish).has_value());
    EXPECT_FALSE(user->is_known_private(place)) << "something else is mapped there";
    ASSERT_TRUE(user->key_of(place).has_value());
    EXPECT_FALSE(user->is_known_private(place)) << "it is shared";
  });
}

TEST(AddressSpace, APrivateMappingOfAnObjectDoesNotWriteToIt) {
  in_machine([] {
    auto object = mm::MemoryObject::make(2 * k_page).value();
    UserSpace user;
    mm::MapRequest wish = request(3);
    wish.object = object;
    const VirtAddr place = user->map(wish).value();
    mm::MapRequest shared = wish;
    shared.is_shared = true;
    const VirtAddr window = user->map(shared).value();
    ASSERT_TRUE(user.write(window, 7));
    EXPECT_EQ(user.read(place), 7u);
    ASSERT_TRUE(user.write(place, 8));
    EXPECT_EQ(user.read(window), 7u);
    EXPECT_EQ(user->handle_fault(place + 2 * k_page, Access::read), FaultResult::beyond_object);
  });
}

TEST(AddressSpace, ACutObjectLeavesMappings) {
  in_machine([] {
    auto object = mm::MemoryObject::make(3 * k_page).value();
    UserSpace user;
    mm::MapRequest wish = request(2);
    wish.object = object;
    wish.offset = k_page;
    const VirtAddr copies = user->map(wish).value();
    wish.is_shared = true;
    const VirtAddr window = user->map(wish).value();
    for (const VirtAddr place : {copies, window}) {
      ASSERT_TRUE(user.write(place, 7));
      ASSERT_TRUE(user.write(place + k_page, 8));
    }
    object->resize(2 * k_page);
    for (const VirtAddr place : {copies, window}) {
      EXPECT_EQ(user.read(place), 7u);
      EXPECT_EQ(user.try_read(place + k_page), std::nullopt);
      EXPECT_EQ(user->handle_fault(place + k_page, Access::read), FaultResult::beyond_object);
    }
    EXPECT_EQ(user->resident_pages(), 2u);
    object->resize(3 * k_page);
    EXPECT_EQ(user.read(copies + k_page), 0u) << "what comes back is new";
  });
}

TEST(AddressSpace, FixedReplacesAndNoReplaceRefuses) {
  in_machine([] {
    UserSpace user;
    ASSERT_TRUE(user->map(at(0x100000, 4)));
    ASSERT_TRUE(user.write(0x101000, 5));
    ASSERT_TRUE(user->map(at(0x101000, 1)));
    EXPECT_EQ(user.read(0x101000), 0u);
    mm::MapRequest wish = request(1);
    wish.address = 0x103000;
    wish.no_replace = true;
    EXPECT_EQ(user->map(wish).error(), Errno::exist);
    wish.address = 0x104000;
    EXPECT_EQ(user->map(wish).value(), 0x104000u);
  });
}

TEST(AddressSpace, ProtectSplitsAndJoins) {
  in_machine([] {
    UserSpace user;
    ASSERT_TRUE(user->map(at(0x100000, 4)));
    ASSERT_TRUE(user.write(0x101000, 5));
    ASSERT_TRUE(user->protect(0x101000, k_page, Access::read));
    EXPECT_FALSE(user.write(0x101000, 6));
    EXPECT_TRUE(user.write(0x100000, 6));
    EXPECT_EQ(user.regions().size(), 3u);
    ASSERT_TRUE(user->protect(0x101000, k_page, k_rw));
    EXPECT_EQ(user.regions().size(), 1u);
    EXPECT_EQ(user.read(0x101000), 5u);
    EXPECT_TRUE(user.write(0x101000, 6));
    EXPECT_EQ(user->protect(0x103000, 2 * k_page, Access::read).error(), Errno::nomem);
    EXPECT_FALSE(user.write(0x103000, 1)) << "what comes before the hole is changed";
  });
}

TEST(AddressSpace, ProtectedFromAllThenAllowedAgainKeepsThePage) {
  in_machine([] {
    UserSpace user;
    ASSERT_TRUE(user->map(at(0x100000, 1)));
    ASSERT_TRUE(user.write(0x100000, 5));
    ASSERT_TRUE(user->protect(0x100000, k_page, Access::none));
    EXPECT_EQ(user->handle_fault(0x100000, Access::read), FaultResult::bad_access);
    ASSERT_TRUE(user->protect(0x100000, k_page, k_rw));
    EXPECT_EQ(user.read(0x100000), 5u);
  });
}

TEST(AddressSpace, TheStackGrowsToItsLimitAndKeepsItsDistance) {
  in_machine([] {
    UserSpace user;
    mm::MapRequest stack = at(0x7000'0000, 1);
    stack.grows_down = true;
    ASSERT_TRUE(user->map(stack));
    EXPECT_TRUE(user.write(0x7000'0000 - 10 * k_page, 1));
    user->set_limits({.stack = 64 * k_page});
    EXPECT_FALSE(user.write(0x7000'0000 - 64 * k_page, 1));
    EXPECT_TRUE(user.write(0x7000'0000 - 63 * k_page, 1));
    user->set_limits({.stack = uint64_t{1} << 30});
    ASSERT_TRUE(user->map(at(0x6000'0000, 1)));
    EXPECT_FALSE(user.write(0x6000'0000 + 2 * k_page, 1)) << "within the gap";
    EXPECT_TRUE(user.write(0x6000'0000 + 300 * k_page, 1));
  });
}

TEST(AddressSpace, TheBreakMovesBothWays) {
  in_machine([] {
    UserSpace user;
    user->start_heap(0x200000);
    EXPECT_EQ(user->set_break(0), 0x200000u);
    EXPECT_EQ(user->set_break(0x200010), 0x200010u);
    EXPECT_TRUE(user.write(0x200000, 3));
    EXPECT_EQ(user->set_break(0x205000), 0x205000u);
    EXPECT_TRUE(user.write(0x204000, 3));
    EXPECT_EQ(user->set_break(0x201000), 0x201000u);
    EXPECT_FALSE(user.write(0x204000, 3));
    ASSERT_TRUE(user->map(at(0x210000, 1)));
    EXPECT_EQ(user->set_break(0x220000), 0x201000u) << "something is in the way";
  });
}

TEST(AddressSpace, RemapMovesWhatWasWritten) {
  in_machine([] {
    UserSpace user;
    ASSERT_TRUE(user->map(at(0x100000, 2)));
    ASSERT_TRUE(user->map(at(0x102000, 1, Access::read)));
    ASSERT_TRUE(user.write(0x101000, 9));
    EXPECT_EQ(user->remap(0x100000, 2 * k_page, 4 * k_page, false, false, 0).error(), Errno::nomem);
    const VirtAddr place = user->remap(0x100000, 2 * k_page, 4 * k_page, true, false, 0).value();
    EXPECT_EQ(user.read(place + k_page), 9u);
    EXPECT_EQ(user.read(place + 3 * k_page), 0u);
    EXPECT_EQ(user->handle_fault(0x100000, Access::read), FaultResult::bad_address);
    EXPECT_EQ(user->remap(place, 4 * k_page, k_page, true, false, 0).value(), place);
    EXPECT_EQ(user->handle_fault(place + k_page, Access::read), FaultResult::bad_address);
  });
}

TEST(AddressSpace, AdviceDropsPagesAndSetsGuards) {
  in_machine([] {
    UserSpace user;
    ASSERT_TRUE(user->map(at(0x100000, 3)));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(user.write(0x100000 + i * k_page, 1));
    ASSERT_TRUE(user->advise(0x100000, k_page, Advice::dont_need));
    EXPECT_EQ(user.read(0x100000), 0u);
    ASSERT_TRUE(user->advise(0x101000, k_page, Advice::guard_install));
    EXPECT_EQ(user->handle_fault(0x101000, Access::read), FaultResult::bad_address);
    ASSERT_TRUE(user->advise(0x101000, k_page, Advice::dont_need));
    EXPECT_EQ(user->handle_fault(0x101000, Access::read), FaultResult::bad_address);
    ASSERT_TRUE(user->advise(0x101000, k_page, Advice::guard_remove));
    EXPECT_EQ(user.read(0x101000), 0u);
    EXPECT_EQ(user.read(0x102000), 1u);
    EXPECT_EQ(user->advise(0x102000, 2 * k_page, Advice::dont_need).error(), Errno::nomem);
    EXPECT_EQ(user.read(0x102000), 0u) << "what is mapped was dropped all the same";
  });
}

TEST(AddressSpace, WhatCanNeverBeFilledIsRefusedUnlessNobodyReserves) {
  in_machine([] {
    UserSpace user;
    mm::MapRequest wish = request((size_t{1} << 40) / k_page);
    EXPECT_EQ(user->map(wish).error(), Errno::nomem);
    wish.no_reserve = true;
    EXPECT_TRUE(user->map(wish));
    EXPECT_TRUE(user->map(request((size_t{1} << 40) / k_page, Access::none)));
  });
}

// Random mappings against a map from page to what should be there.
TEST(AddressSpace, AgreesWithAModelOverRandomOperations) {
  in_machine([] {
    std::mt19937_64 random(20261121);
    struct Page {
      Access access;
      uint64_t value;
    };
    std::map<VirtAddr, Page> model;
    UserSpace user;
    constexpr VirtAddr k_base = 0x10'0000;
    constexpr size_t k_span = 64;
    for (int step = 0; step < 6000; ++step) {
      const VirtAddr start = k_base + random() % k_span * k_page;
      const size_t pages = 1 + random() % 8;
      const Access access = random() % 3 == 0 ? Access::read : k_rw;
      const auto each = [&](auto change) {
        for (size_t i = 0; i < pages; ++i) change(start + i * k_page);
      };
      switch (random() % 5) {
        case 0:
          ASSERT_TRUE(user->map(at(start, pages, access)));
          each([&](VirtAddr page) { model[page] = {access, 0}; });
          break;
        case 1:
          ASSERT_TRUE(user->unmap(start, pages * k_page));
          each([&](VirtAddr page) { model.erase(page); });
          break;
        case 2: {
          const auto result = user->protect(start, pages * k_page, access);
          bool whole = true;
          each([&](VirtAddr page) {
            whole = whole && model.contains(page);
            if (whole) model[page].access = access;
          });
          ASSERT_EQ(result.has_value(), whole);
          break;
        }
        case 3: {
          const uint64_t value = random() % 200;
          const bool allowed = model.contains(start) && mm::allows(model[start].access, k_rw);
          ASSERT_EQ(user.write(start, value), allowed) << "step " << step;
          if (allowed) model[start].value = value;
          break;
        }
        case 4: {
          const std::optional<uint64_t> value = user.try_read(start);
          ASSERT_EQ(value.has_value(), model.contains(start)) << "step " << step;
          if (value) ASSERT_EQ(*value, model[start].value) << "step " << step;
          break;
        }
      }
      if (step % 500 == 0) {  // a child that changes everything changes nothing here
        UserSpace child(user->fork().value());
        for (auto& [page, contents] : model) {
          if (mm::allows(contents.access, k_rw)) ASSERT_TRUE(child.write(page, 255));
        }
      }
    }
    size_t mapped = 0;
    for (const auto& region : user.regions()) mapped += (region.end - region.start) / k_page;
    EXPECT_EQ(mapped, model.size());
  });
}

TEST(AddressSpace, FreePlacesAreFoundFromTheTopAndUsedAgain) {
  in_machine([] {
    UserSpace user;
    std::vector<VirtAddr> places;
    for (int i = 0; i < 100; ++i) {
      places.push_back(user->map(request(2, i % 2 == 0 ? k_rw : Access::read)).value());
    }
    EXPECT_EQ(user.regions().size(), 100u) << "neighbours differ, so none are joined";
    ASSERT_TRUE(user->unmap(places[40], 2 * k_page));
    EXPECT_LT(user->map(request(3)).value(), places[99]) << "the hole is too small";
    EXPECT_EQ(user->map(request(2)).value(), places[40]);
  });
}

TEST(AddressSpace, AskingWhatIsResidentKeepsNothing) {
  in_machine([] {
    UserSpace user;
    mm::MapRequest wish = request(2);
    wish.is_shared = true;
    wish.object = mm::MemoryObject::make(2 * k_page).value();
    const PhysAddr frame = wish.object->get_page(0).value();
    const uint32_t references = mm::page_frames.frame(frame).references.load(relaxed);
    const VirtAddr place = user->map(wish).value();
    uint8_t answers[2] = {7, 7};
    ASSERT_TRUE(user->resident(place, 2, answers));
    EXPECT_EQ(answers[0], 1) << "it is with the object";
    EXPECT_EQ(answers[1], 0);
    EXPECT_EQ(mm::page_frames.frame(frame).references.load(relaxed), references);
    mm::page_frames.drop_reference(frame);
    EXPECT_TRUE(user->check_mapped(place, 2 * k_page).has_value());
    EXPECT_EQ(user->check_mapped(place, 3 * k_page).error(), Errno::nomem);
  });
}

}  // namespace
}  // namespace weft
