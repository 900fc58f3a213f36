// DescriptorTable: the lowest free number, limits, marks, copies.
#include "core/fs/descriptor_table.hh"

#include "core/mm/object_cache.hh"
#include "unit/fs/tree_fixture.hh"

namespace weft::fs {
namespace {

int files_closed;

class CountedFile final : public File {
 public:
  CountedFile() : File(0) {}
  Result<abi::Stat> status() override { return abi::Stat{}; }

 private:
  void destroy() override {
    ++files_closed;
    delete this;
  }
};

Ref<File> new_file() { return Ref<File>(Ref<CountedFile>::adopt(new CountedFile)); }

void with_table(const std::function<void(DescriptorTable&)>& body) {
  files_closed = 0;
  host::Machine().run([&] {
    const Ref<DescriptorTable> table = DescriptorTable::make().value();
    body(*table);
  });
}

TEST(DescriptorTable, GivesTheLowestFreeNumber) {
  with_table([](DescriptorTable& table) {
    for (int32_t number = 0; number < 5; ++number) {
      EXPECT_EQ(table.add(new_file(), false, 100).value(), number);
    }
    ASSERT_TRUE(table.close(1));
    ASSERT_TRUE(table.close(3));
    EXPECT_EQ(table.add(new_file(), false, 100, 2).value(), 3);
    EXPECT_EQ(table.add(new_file(), false, 100).value(), 1);
    EXPECT_EQ(table.add(new_file(), false, 100).value(), 5);
    EXPECT_EQ(error_of(table.get(-1)), Errno::badf);
    EXPECT_EQ(error_of(table.get(6)), Errno::badf);
    EXPECT_EQ(error_of(table.close(1'000'000)), Errno::badf);
    EXPECT_EQ(files_closed, 2);
  });
  EXPECT_EQ(files_closed, 8) << "a table's end closes its files";
}

TEST(DescriptorTable, ObeysItsLimit) {
  with_table([](DescriptorTable& table) {
    EXPECT_EQ(table.add(new_file(), false, 1).value(), 0);
    EXPECT_EQ(error_of(table.add(new_file(), false, 1)), Errno::mfile);
    EXPECT_EQ(error_of(table.replace(7, new_file(), false, 7)), Errno::badf);
    EXPECT_EQ(error_of(table.replace(-1, new_file(), false, 7)), Errno::badf);
    EXPECT_TRUE(table.replace(6, new_file(), false, 7).has_value());
    EXPECT_EQ(error_of(table.add(new_file(), false, 1 << 30, DescriptorTable::k_most)),
              Errno::mfile);
  });
}

TEST(DescriptorTable, ReplacingClosesWhatWasThere) {
  with_table([](DescriptorTable& table) {
    const Ref<File> file = new_file();
    ASSERT_TRUE(table.add(new_file(), true, 10).has_value());
    ASSERT_TRUE(table.replace(0, file, false, 10));
    EXPECT_EQ(files_closed, 1);
    EXPECT_EQ(table.get(0).value(), file);
    EXPECT_FALSE(table.closes_on_exec(0).value());
  });
}

TEST(DescriptorTable, GrowsAndIsCopied) {
  with_table([](DescriptorTable& table) {
    const Ref<File> file = new_file();
    for (int32_t number = 0; number < 500; ++number) {
      ASSERT_EQ(table.add(file, number % 3 == 0, 1000).value(), number);
    }
    table.close_range(100, 199);
    const Ref<DescriptorTable> child = table.copy().value();
    EXPECT_EQ(file->reference_count(), 1u + 2 * 400);
    EXPECT_EQ(child->next_used(100), 200);
    EXPECT_EQ(child->add(file, false, 1000).value(), 100);
    EXPECT_EQ(child->closes_on_exec(300).value(), true);
    EXPECT_EQ(error_of(table.get(100)), Errno::badf) << "the parent's is another table";
    child->close_for_exec();
    EXPECT_EQ(error_of(child->get(300)), Errno::badf);
    EXPECT_TRUE(child->get(301).has_value());
    EXPECT_TRUE(table.get(300).has_value());
  });
}

TEST(DescriptorTable, MarksAndClosesRanges) {
  with_table([](DescriptorTable& table) {
    for (int i = 0; i < 10; ++i) (void)table.add(new_file(), false, 100);
    table.mark_range(4, ~uint32_t{0});
    table.close_range(8, ~uint32_t{0});
    EXPECT_EQ(files_closed, 2);
    ASSERT_TRUE(table.set_closes_on_exec(5, false));
    EXPECT_EQ(error_of(table.set_closes_on_exec(8, true)), Errno::badf);
    table.close_for_exec();
    EXPECT_EQ(table.next_used(4), 5);
    EXPECT_EQ(table.next_used(6), -1);
    EXPECT_EQ(table.add(new_file(), false, 100).value(), 4);
    EXPECT_FALSE(table.closes_on_exec(4).value()) << "a closed number's mark is forgotten";
  });
}

}  // namespace
}  // namespace weft::fs
