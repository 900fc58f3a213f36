// Locks on files: who keeps whom out, what becomes of ranges, who waits for whom.
#include "core/fs/file_locks.hh"

#include "core/fs/descriptor_table.hh"
#include "unit/fs/tree_fixture.hh"
#include "unit/support/threads.hh"

namespace weft::fs {
namespace {

using Family = FileLock::Family;
using Type = FileLock::Type;

const int owners[3] = {};

FileLock range(int owner, Type type, uint64_t first, uint64_t last) {
  return {.family = Family::range,
          .type = type,
          .owner = &owners[owner],
          .first = first,
          .last = last,
          .pid = 100 + owner};
}

void with_node(const std::function<void(Node&)>& body) {
  with_tree([&] {
    const Ref<File> file = open_or_die("/file");
    body(*file->node());
    for (const int& owner : owners) drop_locks(*file->node(), Family::range, &owner);
  });
}

// What the others find of the first owner's locks, byte by byte.
std::string seen(Node& node) {
  std::string text;
  for (uint64_t byte = 0; byte < 10; ++byte) {
    const auto held = lock_in_the_way(node, range(1, Type::exclusive, byte, byte));
    text += !held ? '-' : held->type == Type::shared ? 's' : 'x';
  }
  return text;
}

TEST(FileLocks, RangesAreCutAndJoined) {
  with_node([](Node& node) {
    ASSERT_TRUE(set_lock(node, range(0, Type::exclusive, 2, 7), false));
    EXPECT_EQ(seen(node), "--xxxxxx--");
    ASSERT_TRUE(set_lock(node, range(0, Type::shared, 4, 5), false));
    EXPECT_EQ(seen(node), "--xxssxx--");
    ASSERT_TRUE(set_lock(node, range(0, Type::none, 0, 2), false));
    EXPECT_EQ(seen(node), "---xssxx--");
    ASSERT_TRUE(set_lock(node, range(0, Type::shared, 6, FileLock::k_to_the_end), false));
    EXPECT_EQ(seen(node), "---xssssss");
    const auto held = lock_in_the_way(node, range(1, Type::exclusive, 9, 9));
    EXPECT_EQ(held->first, 4u) << "neighbours of one type are one lock";
    EXPECT_EQ(held->last, FileLock::k_to_the_end);
    ASSERT_TRUE(set_lock(node, range(0, Type::none, 0, FileLock::k_to_the_end), false));
    EXPECT_EQ(seen(node), "----------");
  });
}

TEST(FileLocks, OnlySharedOnesAgree) {
  with_node([](Node& node) {
    ASSERT_TRUE(set_lock(node, range(0, Type::shared, 0, 5), false));
    EXPECT_TRUE(set_lock(node, range(1, Type::shared, 5, 9), false));
    EXPECT_EQ(error_of(set_lock(node, range(1, Type::exclusive, 5, 9), false)), Errno::again);
    EXPECT_TRUE(set_lock(node, range(1, Type::exclusive, 6, 9), false));
    EXPECT_EQ(error_of(set_lock(node, range(0, Type::shared, 0, 6), false)), Errno::again);
    drop_locks(node, Family::range, &owners[1]);
    EXPECT_TRUE(set_lock(node, range(0, Type::exclusive, 0, 9), false));
  });
}

TEST(FileLocks, TwoThatWouldWaitForEachOtherDoNot) {
  with_node([](Node& node) {
    ASSERT_TRUE(set_lock(node, range(0, Type::exclusive, 0, 0), false));
    ASSERT_TRUE(set_lock(node, range(1, Type::exclusive, 1, 1), false));
    bool has_it = false;
    ThreadHandle other = host::start(
        {}, [&] { has_it = set_lock(node, range(1, Type::exclusive, 0, 0), true).has_value(); });
    host::await_blocked(*other, BlockReason::waiting);
    const void* in_the_way = nullptr;
    sched::look_at_wait(
        *other,
        [](const Waiter& waiter, void* found) {
          *static_cast<const void**>(found) = waiter.ender().object();
        },
        &in_the_way);
    EXPECT_EQ(in_the_way, &owners[0]) << "it can be told who is in the way";
    EXPECT_EQ(error_of(set_lock(node, range(0, Type::exclusive, 1, 1), true)), Errno::deadlk);
    EXPECT_FALSE(has_it);
    drop_locks(node, Family::range, &owners[0]);
    other.join();
    EXPECT_TRUE(has_it);
  });
}

TEST(FileLocks, AWholeLockEndsWithItsOpenFile) {
  with_tree([] {
    const Ref<File> one = open_or_die("/file");
    Ref<File> other = open_or_die("/file");
    const auto whole = [](const Ref<File>& file, Type type) {
      return FileLock{.family = Family::whole, .type = type, .owner = file.get()};
    };
    other->note_locked();
    ASSERT_TRUE(set_lock(*one->node(), whole(other, Type::shared), false));
    EXPECT_EQ(error_of(set_lock(*one->node(), whole(one, Type::exclusive), false)), Errno::again);
    EXPECT_TRUE(set_lock(*one->node(), range(0, Type::exclusive, 0, 9), false)) << "another family";
    other.reset();
    EXPECT_TRUE(set_lock(*one->node(), whole(one, Type::exclusive), false));
    EXPECT_TRUE(set_lock(*one->node(), whole(one, Type::none), false));
    drop_locks(*one->node(), Family::range, &owners[0]);
  });
}

TEST(FileLocks, AnyCloseOfTheFileDropsTheTablesRanges) {
  with_tree([] {
    const Ref<DescriptorTable> table = DescriptorTable::make().value();
    ASSERT_TRUE(table->add(open_or_die("/file"), false, 10));
    ASSERT_TRUE(table->add(open_or_die("/file"), false, 10));
    Node& node = *table->get(0).value()->node();
    FileLock lock = range(0, Type::exclusive, 0, 9);
    lock.owner = table.get();
    ASSERT_TRUE(set_lock(node, lock, false));
    EXPECT_EQ(seen(node), "xxxxxxxxxx");
    ASSERT_TRUE(table->close(1));
    EXPECT_EQ(seen(node), "----------");
  });
}

}  // namespace
}  // namespace weft::fs
