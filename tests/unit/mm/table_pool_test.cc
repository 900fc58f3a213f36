// Tables come out of the store as they went in: empty, and those of each kind for themselves.
#include "core/mm/table_pool.hh"

#include <gtest/gtest.h>

#include <vector>

#include "core/mm/page_frames.hh"
#include "core/mm/page_table.hh"
#include "unit/support/machine.hh"

namespace weft::mm {
namespace {

uint64_t tables_in_use() { return page_frames.stats().used_as(FrameUse::page_table); }

TEST(TablePool, ATableIsUsedAgain) {
  host::Machine().run([] {
    const PhysAddr table = take_table(TableKind::lower).value();
    give_table(TableKind::lower, table);
    EXPECT_EQ(take_table(TableKind::lower).value(), table);
    give_table(TableKind::lower, table);
    trim_tables();
  });
}

TEST(TablePool, TheKindsAreKeptApart) {
  host::Machine().run([] {
    const PhysAddr lower = take_table(TableKind::lower).value();
    give_table(TableKind::lower, lower);
    const PhysAddr top = take_table(TableKind::top).value();
    EXPECT_NE(top, lower);
    give_table(TableKind::top, top);
    trim_tables();
  });
}

TEST(TablePool, ANewTableIsEmpty) {
  host::Machine().run([] {
    const PhysAddr table = take_table(TableKind::lower).value();
    for (PageSlot& slot : static_cast<PageTablePage*>(hal::phys_to_virt(table))->slots) {
      EXPECT_EQ(slot.load(relaxed), 0u);
    }
    EXPECT_EQ(page_frames.frame(table).filled_groups, 0u);
    give_table(TableKind::lower, table);
    trim_tables();
  });
}

TEST(TablePool, KeepsSoManyAndTrimFreesAll) {
  host::Machine().run([] {
    constexpr size_t k_many = 300;
    const uint64_t before = tables_in_use();
    std::vector<PhysAddr> tables;
    for (size_t i = 0; i < k_many; ++i) tables.push_back(take_table(TableKind::lower).value());
    EXPECT_EQ(tables_in_use(), before + k_many);
    for (const PhysAddr table : tables) give_table(TableKind::lower, table);
    EXPECT_GT(tables_in_use(), before) << "some are kept";
    EXPECT_LT(tables_in_use(), before + k_many) << "but not all";
    trim_tables();
    EXPECT_EQ(tables_in_use(), before);
  });
}

}  // namespace
}  // namespace weft::mm
