// The file tree: walks along paths, opening, and every change of names with what it refuses.
#include "unit/fs/tree_fixture.hh"

#include <map>

namespace weft::fs {
namespace {

using Names = std::vector<std::string>;

Node& node_at(std::string_view path) { return find(root(), path, LastLink::keep).value()->node(); }
Errno find_error(std::string_view path) { return error_of(find(root(), path, LastLink::follow)); }
std::string path_of(const Entry& entry) {
  std::array<char, 100> room;
  return std::string(entry.path(room).value());
}

TEST(Path, WalksThroughFoldersDotsAndSlashes) {
  with_tree([] {
    make_folder("/a");
    make_folder("/a/b");
    make_file("/a/b/c", "found");
    for (const char* path :
         {"/a/b/c", "a/b/c", "//a///b/c", "/a/./b/c", "/a/../a/b/../b/c", "/../a/b/c"}) {
      EXPECT_EQ(text_of(path), "found") << path;
    }
    const Ref<Entry> folder = find(root(), "/a", LastLink::follow).value();
    EXPECT_TRUE(find(folder, "b/c", LastLink::follow).has_value());
    EXPECT_EQ(path_of(*find(folder, "b/c", LastLink::follow).value()), "/a/b/c");
    EXPECT_EQ(path_of(*root()), "/");
  });
}

TEST(Path, TellsWhatIsWrong) {
  with_tree([] {
    make_folder("/folder");
    make_file("/file");
    EXPECT_EQ(find_error(""), Errno::noent);
    EXPECT_EQ(find_error("/missing"), Errno::noent);
    EXPECT_EQ(find_error("/missing/x"), Errno::noent);
    EXPECT_EQ(find_error("/file/x"), Errno::notdir);
    EXPECT_EQ(find_error("/file/"), Errno::notdir);
    EXPECT_EQ(find_error("/file/."), Errno::notdir);
    EXPECT_EQ(find_error("/folder/" + std::string(255, 'n')), Errno::noent);
    EXPECT_EQ(find_error("/folder/" + std::string(256, 'n')), Errno::nametoolong);
    EXPECT_TRUE(find(root(), "/folder/", LastLink::keep).has_value());
  });
}

TEST(Path, FollowsLinks) {
  with_tree([] {
    make_folder("/folder");
    make_file("/folder/file", "x");
    ASSERT_TRUE(make_symbolic_link("folder", at("/way")));
    ASSERT_TRUE(make_symbolic_link("/folder/file", at("/end")));
    ASSERT_TRUE(make_symbolic_link("../way//file", at("/folder/back")));
    ASSERT_TRUE(make_symbolic_link("nowhere", at("/dangling")));
    for (const char* path : {"/way/file", "/end", "/folder/back", "/way/back"}) {
      EXPECT_EQ(text_of(path), "x") << path;
    }
    EXPECT_TRUE(node_at("/way").is_link());
    EXPECT_TRUE(node_at("/way/").is_directory()) << "a slash behind follows";
    EXPECT_EQ(find_error("/dangling"), Errno::noent);
    EXPECT_EQ(node_at("/way").size(), 6u);
  });
}

TEST(Path, FollowsFortyLinksAndNoMore) {
  with_tree([] {
    make_file("/link0", "end");
    for (int i = 1; i <= 41; ++i) {
      ASSERT_TRUE(
          make_symbolic_link("link" + std::to_string(i - 1), at("/link" + std::to_string(i))));
    }
    EXPECT_EQ(text_of("/link40"), "end");
    EXPECT_EQ(find_error("/link41"), Errno::loop);
    ASSERT_TRUE(make_symbolic_link("self/x", at("/self")));
    EXPECT_EQ(find_error("/self"), Errno::loop);
  });
}

TEST(Open, MakesWhatIsMissingOnlyIfAsked) {
  with_tree([] {
    EXPECT_EQ(error_of(open(at("/new"), abi::k_o_rdwr, 0)), Errno::noent);
    constexpr uint32_t k_new = abi::k_o_wronly | abi::k_o_creat | abi::k_o_excl;
    EXPECT_TRUE(open(at("/new"), k_new, 0640).has_value());
    EXPECT_EQ(node_at("/new").mode(), abi::k_s_ifreg | 0640u);
    EXPECT_EQ(error_of(open(at("/new"), k_new, 0640)), Errno::exist);
    EXPECT_EQ(error_of(open(at("/other/"), abi::k_o_creat, 0640)), Errno::isdir);
    EXPECT_EQ(error_of(open(at("/x"), abi::k_o_creat | abi::k_o_directory, 0)), Errno::inval);
    ASSERT_TRUE(make_symbolic_link("target", at("/link")));
    EXPECT_EQ(error_of(open(at("/link"), k_new, 0640)), Errno::exist);
    EXPECT_TRUE(open(at("/link"), abi::k_o_creat, 0600).has_value()) << "through a dangling link";
    EXPECT_EQ(names_in("/").size(), 3u);
  });
}

TEST(Open, FlagsMustFitTheKind) {
  with_tree([] {
    make_folder("/folder");
    make_file("/file", "text");
    ASSERT_TRUE(make_symbolic_link("file", at("/link")));
    ASSERT_TRUE(make_node(at("/device"), abi::k_s_ifchr | 0600, 0x9999));
    EXPECT_EQ(error_of(open(at("/folder"), abi::k_o_wronly, 0)), Errno::isdir);
    EXPECT_EQ(error_of(open(at("/folder"), abi::k_o_creat, 0)), Errno::isdir);
    EXPECT_EQ(error_of(open(at("/file"), abi::k_o_directory, 0)), Errno::notdir);
    EXPECT_EQ(error_of(open(at("/link"), abi::k_o_nofollow, 0)), Errno::loop);
    EXPECT_EQ(error_of(open(at("/device"), abi::k_o_rdonly, 0)), Errno::nxio);
    open_or_die("/link", abi::k_o_rdonly | abi::k_o_trunc);
    EXPECT_EQ(node_at("/file").size(), 0u);
  });
}

TEST(Changes, MakeAndRemove) {
  with_tree([] {
    make_folder("/folder");
    make_folder("/folder/inner");
    EXPECT_EQ(node_at("/folder").links(), 3u);
    EXPECT_EQ(node_at("/").links(), 3u);
    EXPECT_EQ(error_of(make_directory(at("/folder"), 0)), Errno::exist);
    EXPECT_EQ(error_of(make_directory(at("/"), 0)), Errno::exist);
    EXPECT_EQ(error_of(make_node(at("/file/"), abi::k_s_ifreg, 0)), Errno::noent);
    EXPECT_EQ(error_of(make_symbolic_link("", at("/empty"))), Errno::noent);
    EXPECT_EQ(error_of(remove_file(at("/folder"))), Errno::isdir);
    EXPECT_EQ(error_of(remove_directory(at("/folder"))), Errno::notempty);
    EXPECT_EQ(error_of(remove_directory(at("/"))), Errno::busy);
    EXPECT_EQ(error_of(remove_directory(at("/folder/."))), Errno::inval);
    EXPECT_EQ(error_of(remove_directory(at("/folder/.."))), Errno::notempty);
    EXPECT_TRUE(remove_directory(at("/folder/inner")).has_value());
    EXPECT_EQ(node_at("/folder").links(), 2u);
    make_file("/file");
    EXPECT_EQ(error_of(remove_file(at("/file/"))), Errno::notdir);
    EXPECT_EQ(error_of(remove_directory(at("/file"))), Errno::notdir);
  });
}

TEST(Changes, ARemovedFolderTakesNoNames) {
  with_tree([] {
    make_folder("/folder");
    const Ref<Entry> folder = find(root(), "/folder", LastLink::follow).value();
    ASSERT_TRUE(remove_directory(at("/folder")).has_value());
    EXPECT_EQ(error_of(make_directory({folder, "x"}, 0755)), Errno::noent);
    EXPECT_EQ(error_of(open({folder, "x"}, abi::k_o_creat, 0)), Errno::noent);
    EXPECT_TRUE(find(folder, "..", LastLink::follow).has_value());
    EXPECT_EQ(path_of(*folder), "/folder (deleted)");
  });
}

TEST(Changes, AFileLivesAsLongAsANameOrAnOpenFile) {
  with_tree([] {
    make_file("/one", "content");
    ASSERT_TRUE(make_link(find(root(), "/one", LastLink::keep).value(), at("/two")));
    EXPECT_EQ(node_at("/two").links(), 2u);
    const Ref<File> file = open_or_die("/one");
    ASSERT_TRUE(remove_file(at("/one")).has_value());
    EXPECT_EQ(text_of("/two"), "content");
    ASSERT_TRUE(remove_file(at("/two")).has_value());
    EXPECT_EQ(read_text(*file), "content");
    EXPECT_EQ(file->node()->links(), 0u);
    EXPECT_EQ(error_of(make_link(file->entry(), at("/back"))), Errno::noent);
    EXPECT_EQ(error_of(make_link(root(), at("/back"))), Errno::perm);
  });
}

TEST(Rename, MovesReplacesAndTellsThePath) {
  with_tree([] {
    make_folder("/folder");
    make_file("/one", "1");
    make_file("/folder/two", "2");
    const Ref<File> one = open_or_die("/one");
    const Ref<File> two = open_or_die("/folder/two");
    ASSERT_TRUE(rename(at("/one"), at("/folder/two"), 0).has_value());
    EXPECT_EQ(names_in("/"), Names{"folder"});
    EXPECT_EQ(text_of("/folder/two"), "1");
    EXPECT_EQ(read_text(*two), "2");
    EXPECT_EQ(path_of(*one->entry()), "/folder/two");
    EXPECT_EQ(path_of(*two->entry()), "/folder/two (deleted)");
    const std::string long_name(200, 'n');
    ASSERT_TRUE(rename(at("/folder/two"), at("/" + long_name), 0).has_value());
    EXPECT_EQ(names_in("/").size(), 2u);
    EXPECT_EQ(text_of("/" + long_name), "1");
  });
}

TEST(Rename, OfFoldersKeepsTheTreeATree) {
  with_tree([] {
    make_folder("/a");
    make_folder("/a/inner");
    make_folder("/b");
    make_file("/file");
    const auto rename_error = [](std::string_view from, std::string_view to) {
      return error_of(rename(at(from), at(to), 0));
    };
    EXPECT_EQ(rename_error("/a", "/a/inner/x"), Errno::inval);
    EXPECT_EQ(rename_error("/a/inner", "/a"), Errno::notempty);
    EXPECT_EQ(rename_error("/a", "/file"), Errno::notdir);
    EXPECT_EQ(rename_error("/file", "/a"), Errno::isdir);
    EXPECT_EQ(rename_error("/file", "/new/"), Errno::notdir);
    EXPECT_EQ(rename_error("/a/.", "/x"), Errno::busy);
    EXPECT_EQ(rename_error("/a", "/"), Errno::busy);
    EXPECT_EQ(rename_error("/a", "/a"), Errno{});
    EXPECT_EQ(rename_error("/a/inner", "/b/moved"), Errno{});
    EXPECT_EQ(node_at("/a").links(), 2u);
    EXPECT_EQ(node_at("/b").links(), 3u);
    EXPECT_EQ(path_of(*find(root(), "/b/moved/..", LastLink::keep).value()), "/b");
    EXPECT_EQ(rename_error("/a", "/b/moved"), Errno{}) << "over an empty folder";
    EXPECT_EQ(node_at("/b").links(), 3u);
  });
}

TEST(Rename, ExchangesAndRefusesToReplace) {
  with_tree([] {
    make_folder("/folder");
    make_file("/folder/inner");
    make_folder("/deep");
    make_file("/deep/file", "x");
    EXPECT_EQ(error_of(rename(at("/deep/file"), at("/folder"), abi::k_rename_noreplace)),
              Errno::exist);
    EXPECT_EQ(error_of(rename(at("/folder"), at("/none"), abi::k_rename_exchange)), Errno::noent);
    ASSERT_TRUE(rename(at("/deep/file"), at("/folder"), abi::k_rename_exchange).has_value());
    EXPECT_EQ(text_of("/folder"), "x");
    EXPECT_EQ(names_in("/deep/file"), Names{"inner"});
    EXPECT_EQ(node_at("/deep").links(), 3u);
    EXPECT_EQ(node_at("/").links(), 3u);
  });
}

TEST(Listing, KeepsItsPlaceWhileNamesComeAndGo) {
  with_tree([] {
    for (int i = 0; i < 200; ++i) make_file("/file" + std::to_string(i));
    std::map<std::string, int> seen;
    auto& folder = static_cast<Directory&>(root()->node());
    ListedName listed;
    int victim = 0;
    for (uint64_t place = 0; folder.list(place, listed); place = listed.next) {
      ++seen[std::string(listed.name.view())];
      if (victim < 100) (void)remove_file(at("/file" + std::to_string(victim++)));
      make_file("/new" + std::to_string(seen.size()));
    }
    for (int i = 100; i < 200; ++i) EXPECT_EQ(seen["file" + std::to_string(i)], 1) << i;
  });
}

TEST(Listing, TellsTooSmallABuffer) {
  with_tree([] {
    make_file("/a_name");
    const Ref<File> folder = open_or_die("/", abi::k_o_rdonly);
    const auto list = [&](size_t size) {
      std::vector<std::byte> room(size);
      IoBuffer to = IoBuffer::kernel(room);
      return folder->read_directory(to);
    };
    EXPECT_EQ(error_of(list(20)), Errno::inval);
    EXPECT_EQ(list(24).value(), 24u);  // "."
    EXPECT_EQ(list(1000).value(), 56u);
    EXPECT_EQ(list(1000).value(), 0u);
    EXPECT_EQ(error_of(open_or_die("/a_name")->read_directory(
                  *std::make_unique<IoBuffer>(IoBuffer::kernel({})))),
              Errno::notdir);
  });
}

TEST(SetGroupId, FoldersHandOnTheirGroup) {
  with_tree([] {
    make_folder("/team");
    node_at("/team").set_owner(5, 77);
    node_at("/team").set_permissions(02775);
    make_file("/team/file");
    make_folder("/team/inner");
    EXPECT_EQ(node_at("/team/file").status().group, 77u);
    EXPECT_EQ(node_at("/team/file").mode() & 07000, 0u);
    EXPECT_EQ(node_at("/team/inner").mode() & 07777, 02755u);
  });
}

}  // namespace
}  // namespace weft::fs
