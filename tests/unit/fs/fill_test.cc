// Filling the tree from an archive: kinds, hard links, missing folders, and damaged archives.
#include "core/fs/fill.hh"

#include "unit/fs/tree_fixture.hh"

namespace weft::fs {
namespace {

struct Item {
  std::string name;
  uint32_t mode;
  std::string contents{};
  uint32_t inode = 0;
  uint32_t links = 1;
};

std::string entry(const Item& item) {
  char header[111];
  snprintf(header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
           item.inode, item.mode, 3, 4, item.links, 1234,
           static_cast<unsigned>(item.contents.size()), 0, 0, 5, 6,
           static_cast<unsigned>(item.name.size() + 1), 0);
  std::string text = header + item.name + '\0';
  text.resize((text.size() + 3) / 4 * 4);
  text += item.contents;
  text.resize((text.size() + 3) / 4 * 4);
  return text;
}

std::string archive_of(const std::vector<Item>& items) {
  std::string text;
  for (const Item& item : items) text += entry(item);
  return text + entry({.name = "TRAILER!!!", .mode = 0});
}

Result<> fill(const std::string& archive, size_t& position) {
  return fill_tree(std::as_bytes(std::span(archive)), position);
}

Node& node_at(std::string_view path) { return find(root(), path, LastLink::keep).value()->node(); }

TEST(FillTree, MakesWhatTheArchiveHas) {
  with_tree([] {
    size_t position = 0;
    const std::string large(10'000, 'L');
    ASSERT_TRUE(fill(archive_of({{".", 040755},
                                 {"./bin", 040711},
                                 {"bin/program", 0104755, large},
                                 {"bin/link", 0120777, "program"},
                                 {"no/such/folder/file", 0100644, "text"},
                                 {"device", 020600},
                                 {"fifo", 010644}}),
                     position));
    EXPECT_EQ(text_of("/bin/program").substr(0, 10), large.substr(0, 10));
    EXPECT_EQ(node_at("/bin/program").size(), large.size());
    EXPECT_EQ(node_at("/bin/program").mode(), 0104755u);
    EXPECT_EQ(node_at("/bin").mode(), 040711u);
    EXPECT_EQ(text_of("/no/such/folder/file"), "text");
    EXPECT_EQ(node_at("/device").device(), 0x506u);
    EXPECT_EQ(node_at("/fifo").kind(), abi::k_s_ififo);
    EXPECT_EQ(&find(root(), "/bin/link", LastLink::follow).value()->node(),
              &node_at("/bin/program"));
    const abi::Stat status = node_at("/bin/program").status();
    EXPECT_EQ(status.owner, 3u);
    EXPECT_EQ(status.group, 4u);
    EXPECT_EQ(status.modified.seconds, 1234);
  });
}

TEST(FillTree, HardLinksShareTheContentThatComesWithTheLast) {
  with_tree([] {
    size_t position = 0;
    ASSERT_TRUE(fill(archive_of({{"one", 0100755, "", 77, 3},
                                 {"two", 0100755, "", 77, 3},
                                 {"other", 0100755, "x", 77, 1},
                                 {"three", 0100755, "content", 77, 3}}),
                     position));
    EXPECT_EQ(text_of("/one"), "content");
    EXPECT_EQ(&node_at("/one"), &node_at("/three"));
    EXPECT_EQ(node_at("/two").links(), 3u);
    EXPECT_EQ(text_of("/other"), "x");
  });
}

TEST(FillTree, OfTwoWithOneNameTheLaterCounts) {
  with_tree([] {
    size_t position = 0;
    ASSERT_TRUE(
        fill(archive_of({{"file", 0100755, "longer"}, {"file", 0100644, "new"}}), position));
    EXPECT_EQ(text_of("/file"), "new");
  });
}

TEST(FillTree, TellsWhereTheArchiveIsDamaged) {
  with_tree([] {
    const std::string first = entry({.name = "file", .mode = 0100644, .contents = "x"});
    for (const Item& bad : std::vector<Item>{
             {"../up", 0100644}, {"a/../../b", 0100644}, {"odd", 0}, {".", 0100644}}) {
      size_t position = 0;
      EXPECT_EQ(error_of(fill(first + entry(bad), position)), Errno::inval) << bad.name;
      EXPECT_EQ(position, first.size()) << bad.name;
    }
    size_t position = 0;
    EXPECT_EQ(error_of(fill(first + first.substr(0, 50), position)), Errno::inval);
    EXPECT_EQ(position, first.size());
    EXPECT_EQ(error_of(fill(first, position)), Errno::inval) << "an archive has an end";
  });
}

}  // namespace
}  // namespace weft::fs
