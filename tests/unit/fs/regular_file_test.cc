// Regular files and their nodes: bytes, holes, sizes, positions, times; programs that are run.
#include "core/fs/regular_file.hh"

#include <algorithm>

#include "core/fs/process_hooks.hh"
#include "core/fs/program_file.hh"
#include "unit/fs/tree_fixture.hh"

namespace weft::fs {
namespace {

constexpr int32_t k_set = 0, k_current = 1, k_end = 2;

TEST(RegularFile, ReadsWhatWasWrittenAcrossPages) {
  with_tree([] {
    const Ref<File> file = open_or_die("/file");
    std::string text;
    for (int i = 0; text.size() < 20'000; ++i) text += std::to_string(i);
    for (size_t place = 0; place < text.size(); place += 777) {
      EXPECT_EQ(write_text(*file, text.substr(place, 777)),
                std::min<size_t>(777, text.size() - place));
    }
    EXPECT_EQ(read_text(*file, 0, 30'000), text);
    EXPECT_EQ(read_text(*file, 4090, 10), text.substr(4090, 10));
    EXPECT_EQ(read_text(*file, text.size(), 10), "");
    EXPECT_EQ(file->status().value().size, static_cast<int64_t>(text.size()));
  });
}

TEST(RegularFile, HolesAreZerosWithoutMemory) {
  with_tree([] {
    const Ref<File> file = open_or_die("/file");
    ASSERT_TRUE(file->seek(1 << 20, k_set));
    write_text(*file, "end");
    EXPECT_EQ(file->status().value().blocks, 8);
    EXPECT_EQ(read_text(*file, 5000, 3), std::string(3, '\0'));
    EXPECT_EQ(read_text(*file, (1 << 20) - 1, 9), std::string("\0end", 4));
  });
}

TEST(RegularFile, ShrinkingForgets) {
  with_tree([] {
    const Ref<File> file = open_or_die("/file");
    write_text(*file, std::string(9000, 'o'));
    ASSERT_TRUE(file->truncate(4100));
    ASSERT_TRUE(file->truncate(9000));
    const std::string text = read_text(*file, 0, 9000);
    EXPECT_EQ(std::count(text.begin(), text.end(), 'o'), 4100);
    EXPECT_EQ(text.size(), 9000u);
  });
}

TEST(RegularFile, AppendGoesToTheEnd) {
  with_tree([] {
    make_file("/file", "one");
    const Ref<File> file = open_or_die("/file", abi::k_o_rdwr | abi::k_o_append);
    write_text(*file, "two");
    EXPECT_EQ(file->seek(0, k_current).value(), 6u);
    std::string text = "!";
    IoBuffer from = IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
    EXPECT_EQ(file->write_at(from, 0).value(), 1u);
    EXPECT_EQ(read_text(*file), "onetwo!");
  });
}

TEST(RegularFile, SeeksOnlyToPlaces) {
  with_tree([] {
    const Ref<File> file = open_or_die("/file");
    write_text(*file, "0123456789");
    EXPECT_EQ(file->seek(-1, k_end).value(), 9u);
    EXPECT_EQ(file->seek(-2, k_current).value(), 7u);
    EXPECT_EQ(error_of(file->seek(-1, k_set)), Errno::inval);
    EXPECT_EQ(error_of(file->seek(INT64_MAX, k_current)), Errno::inval);
    EXPECT_EQ(error_of(file->seek(0, 9)), Errno::inval);
    EXPECT_EQ(file->seek(0, k_current).value(), 7u);
    EXPECT_EQ(file->seek(INT64_MAX, k_set).value(), static_cast<uint64_t>(INT64_MAX));
    std::string text = "x";
    IoBuffer from = IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
    EXPECT_EQ(error_of(file->write(from)), Errno::fbig);
  });
}

int times_too_large;

TEST(RegularFile, ObeysTheLimitOfTheProcess) {
  with_tree([] {
    times_too_large = 0;
    process_hooks.file_size_limit = [] { return uint64_t{10}; };
    process_hooks.file_size_exceeded = [] { ++times_too_large; };
    const Ref<File> file = open_or_die("/file");
    EXPECT_EQ(write_text(*file, "0123456789abcde"), 10u);
    std::string more = "x";
    IoBuffer from = IoBuffer::kernel(std::as_writable_bytes(std::span(more)));
    EXPECT_EQ(error_of(file->write(from)), Errno::fbig);
    EXPECT_EQ(error_of(file->truncate(20)), Errno::fbig);
    EXPECT_TRUE(file->truncate(5).has_value());
    EXPECT_EQ(times_too_large, 2);
  });
}

TEST(RegularFile, AccessModesSayWhatMayBeDone) {
  with_tree([] {
    make_file("/file");
    const auto modes = [](uint32_t flags) {
      const Ref<File> file = open_or_die("/file", flags);
      return std::pair(file->may_read(), file->may_write());
    };
    EXPECT_EQ(modes(abi::k_o_rdonly), std::pair(true, false));
    EXPECT_EQ(modes(abi::k_o_wronly), std::pair(false, true));
    EXPECT_EQ(modes(abi::k_o_rdwr), std::pair(true, true));
    EXPECT_EQ(modes(abi::k_o_accmode), std::pair(false, false));
  });
}

TEST(ProgramFile, IsNotWrittenWhileItIsRun) {
  with_tree([] {
    make_file("/program", "code");
    const Ref<Entry> entry = find(root(), "/program", LastLink::keep).value();
    EXPECT_EQ(error_of(open_program(entry)), Errno::acces) << "nobody may execute it";
    EXPECT_EQ(error_of(open_program(root())), Errno::acces);
    entry->node().set_permissions(0755);
    {
      const Ref<File> writer = open_or_die("/program", abi::k_o_wronly);
      EXPECT_EQ(error_of(open_program(entry)), Errno::txtbsy);
    }
    {
      const Ref<File> runs = open_program(entry).value();
      const Ref<File> runs_again = open_program(entry).value();
      EXPECT_EQ(error_of(open(at("/program"), abi::k_o_wronly, 0)), Errno::txtbsy);
      EXPECT_EQ(error_of(open(at("/program"), abi::k_o_rdonly | abi::k_o_trunc, 0)), Errno::txtbsy);
      EXPECT_TRUE(open(at("/program"), abi::k_o_rdonly, 0).has_value());
    }
    EXPECT_TRUE(open(at("/program"), abi::k_o_wronly, 0).has_value());
  });
}

TEST(Node, TimesFollowWhatIsDone) {
  with_tree([] {
    const Ref<File> file = open_or_die("/file");
    Node& node = *file->node();
    const abi::Timespec old{1000, 5};
    const auto seconds = [&] {
      const abi::Stat stat = node.status();
      return std::array{stat.accessed.seconds, stat.modified.seconds};
    };
    node.set_times(&old, &old);
    EXPECT_EQ(seconds(), (std::array<int64_t, 2>{1000, 1000}));
    EXPECT_EQ(node.status().changed.seconds, 0) << "changed just now, at the boot of the machine";
    read_text(*file);
    EXPECT_EQ(seconds(), (std::array<int64_t, 2>{0, 1000})) << "the first read is noted";
    write_text(*file, "x");
    EXPECT_EQ(seconds()[1], 0);
  });
}

TEST(Node, ANewOwnerDoesNotHandOnRights) {
  with_tree([] {
    make_file("/file");
    Node& node = find(root(), "/file", LastLink::keep).value()->node();
    node.set_permissions(06755);
    node.set_owner(5, ~uint32_t{0});
    EXPECT_EQ(node.mode() & 07777, 0755u);
    EXPECT_EQ(node.status().owner, 5u);
    EXPECT_EQ(node.status().group, 0u);
    node.set_permissions(02644);
    node.set_owner(~uint32_t{0}, 6);
    EXPECT_EQ(node.mode() & 07777, 02644u) << "without execution it is no right";
  });
}

}  // namespace
}  // namespace weft::fs
