// Names: mkdir, rmdir, link, unlink, symlink, rename, and their rules.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"

namespace weft::guest {
namespace {

bool same_file(const char* one, const char* other) {
  struct stat first{};
  struct stat second{};
  must("stat", sys::stat(one, &first));
  must("stat", sys::stat(other, &second));
  return first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

void make_folder(const char* path) { must("mkdir", sys::mkdir(path, 0755)); }

}  // namespace

GUEST_CASE(mkdir_and_rmdir) {
  show("mkdir", sys::mkdir("folder", 0777));
  show_stat("folder", "folder");
  show("again", sys::mkdir("folder", 0777));
  show("over a file's name", (write_file("file", "x"), sys::mkdir("file", 0777)));
  show("below a missing folder", sys::mkdir("missing/folder", 0777));
  show("below a file", sys::mkdir("file/folder", 0777));
  show("with a slash behind", sys::mkdir("slash/", 0777));
  show("of .", sys::mkdir(".", 0777));
  show("of /", sys::mkdir("/", 0777));
  show("rmdir", sys::rmdir("folder"));
  show("rmdir again", sys::rmdir("folder"));
}

GUEST_CASE(rmdir_errors) {
  make_folder("full");
  write_file("full/file", "x");
  write_file("file", "x");
  show("not empty", sys::rmdir("full"));
  show("a file", sys::rmdir("file"));
  show("missing", sys::rmdir("missing"));
  show(".", sys::rmdir("."));
  show("full/.", sys::rmdir("full/."));
  show("full/..", sys::rmdir("full/.."));
  show("/", sys::rmdir("/"));
  must("symlink", sys::symlink("full", "link"));
  show("a symlink to a folder", sys::rmdir("link"));
}

GUEST_CASE(rmdir_of_the_working_folder) {
  make_folder("folder");
  must("chdir", sys::chdir("folder"));
  show("rmdir", sys::rmdir("../folder"));
  char room[100];
  show("getcwd", sys::getcwd(room, sizeof room));
  show("a new file", sys::open("file", O_WRONLY | O_CREAT, 0644));
  show("a new folder", sys::mkdir("inner", 0755));
  show(".", sys::open(".", O_RDONLY));
  show("to the parent", sys::chdir(".."));
}

GUEST_CASE(chdir_getcwd_fchdir) {
  make_folder("one");
  make_folder("one/two");
  show("chdir", sys::chdir("one/two"));
  char room[200] = {};
  const long length = sys::getcwd(room, sizeof room);
  check("getcwd counts the end", length == static_cast<long>(std::string_view(room).size() + 1));
  check("the path", std::string_view(room).ends_with("/one/two"));
  show("exactly enough room", sys::getcwd(room, length) - length);
  show("one byte less", sys::getcwd(room, length - 1));
  show("no room", sys::getcwd(room, 0));
  const int up = open_or_end("../..", O_RDONLY);
  show("fchdir", sys::fchdir(up));
  show_names("here", ".");
  write_file("file", "x");
  show("chdir to a file", sys::chdir("file"));
  show("chdir to nothing", sys::chdir("missing"));
  show("fchdir of a file", sys::fchdir(open_or_end("file", O_RDONLY)));
  show("fchdir of nothing", sys::fchdir(99));
  show("chdir to the root", sys::chdir("/"));
  show("getcwd", sys::getcwd(room, sizeof room));
  say("{}", room);
}

GUEST_CASE(link_makes_another_name) {
  write_file("one", "content");
  show("link", sys::link("one", "two"));
  check("one file", same_file("one", "two"));
  show_stat("its links", "one");
  must("unlink", sys::unlink("one"));
  show_file("the other name", "two");
  show_stat("its links", "two");
}

GUEST_CASE(link_errors) {
  write_file("file", "x");
  make_folder("folder");
  show("to an existing name", (write_file("other", "y"), sys::link("file", "other")));
  show("of a missing file", sys::link("missing", "new"));
  show("of a folder", sys::link("folder", "new"));
  show("into a missing folder", sys::link("file", "missing/new"));
  show("into a file", sys::link("file", "other/new"));
  show("to itself", sys::link("file", "file"));
}

GUEST_CASE(linkat_flags) {
  write_file("file", "x");
  must("symlink", sys::symlink("file", "link"));
  const auto link_at = [](const char* from, const char* to, int flags) {
    return sys::linkat(AT_FDCWD, from, AT_FDCWD, to, flags);
  };
  show("of a symlink itself", link_at("link", "hard", 0));
  show_stat("it", "hard", AT_SYMLINK_NOFOLLOW);
  show("AT_SYMLINK_FOLLOW", link_at("link", "followed", AT_SYMLINK_FOLLOW));
  check("it is the file", same_file("file", "followed"));
  show("unknown flags", link_at("file", "x", 0x4000));
}

GUEST_CASE(unlink_errors) {
  make_folder("folder");
  write_file("file", "x");
  show("a folder", sys::unlink("folder"));
  show("missing", sys::unlink("missing"));
  show("file/", sys::unlink("file/"));
  show("below a file", sys::unlink("file/x"));
  show("empty", sys::unlink(""));
}

GUEST_CASE(unlink_of_a_symlink_leaves_its_target) {
  write_file("file", "x");
  must("symlink", sys::symlink("file", "link"));
  show("unlink", sys::unlink("link"));
  show_names("here", ".");
}

GUEST_CASE(unlinkat_flags) {
  make_folder("folder");
  write_file("folder/file", "x");
  make_folder("folder/inner");
  const int folder = open_or_end("folder", O_RDONLY | O_DIRECTORY);
  show("a file", sys::unlinkat(folder, "file", 0));
  show("a folder", sys::unlinkat(folder, "inner", 0));
  show("a folder with AT_REMOVEDIR", sys::unlinkat(folder, "inner", AT_REMOVEDIR));
  write_file("file", "x");
  show("a file with AT_REMOVEDIR", sys::unlinkat(AT_FDCWD, "file", AT_REMOVEDIR));
  show("unknown flags", sys::unlinkat(AT_FDCWD, "file", 1));
}

GUEST_CASE(symlink_and_readlink) {
  char room[100];
  show("symlink", sys::symlink("some/where", "link"));
  const long length = sys::readlink("link", room, sizeof room);
  show("readlink", length);
  say("'{}'", std::string_view(room, static_cast<size_t>(length)));
  show("a short buffer", sys::readlink("link", room, 4));
  say("'{}'", std::string_view(room, 4));
  show("no buffer", sys::readlink("link", room, 0));
  show("over an existing name", sys::symlink("x", "link"));
  show("an empty target", sys::symlink("", "empty"));
  write_file("file", "x");
  show("readlink of a file", sys::readlink("file", room, sizeof room));
  show("readlink of nothing", sys::readlink("missing", room, sizeof room));
  show("readlinkat", sys::readlinkat(AT_FDCWD, "link", room, sizeof room));
}

GUEST_CASE(symlink_is_followed_on_the_way_and_at_the_end) {
  make_folder("folder");
  write_file("folder/file", "found");
  must("symlink", sys::symlink("folder", "way"));
  must("symlink", sys::symlink("folder/file", "end"));
  must("symlink", sys::symlink("way/../end", "both"));
  show_file("on the way", "way/file");
  show_file("at the end", "end");
  show_file("several", "both");
}

GUEST_CASE(symlink_relative_targets_start_at_the_link) {
  make_folder("one");
  make_folder("two");
  write_file("two/file", "two's");
  must("symlink", sys::symlink("../two/file", "one/link"));
  show_file("from outside", "one/link");
  must("chdir", sys::chdir("one"));
  show_file("from inside", "link");
}

GUEST_CASE(symlink_loops_end) {
  must("symlink", sys::symlink("b", "a"));
  must("symlink", sys::symlink("a", "b"));
  must("symlink", sys::symlink("self", "self"));
  struct stat status;
  show("two that point at each other", sys::open("a", O_RDONLY));
  show("one that points at itself", sys::stat("self", &status));
  show("as a folder", sys::open("a/file", O_RDONLY));
  show("lstat is fine", sys::lstat("a", &status));
}

GUEST_CASE(symlink_chain_of_40_is_followed_and_41_is_not) {
  write_file("link0", "end");
  for (int index = 1; index <= 41; ++index) {
    must("symlink",
         sys::symlink(Text<20>("link{}", index - 1).c_str(), Text<20>("link{}", index).c_str()));
  }
  show_file("40", "link40");
  show_file("41", "link41");
}

GUEST_CASE(symlink_trailing_slash_follows) {
  make_folder("folder");
  write_file("file", "x");
  must("symlink", sys::symlink("folder", "to_folder"));
  must("symlink", sys::symlink("file", "to_file"));
  show_stat("lstat of a link to a folder, with a slash", "to_folder/", AT_SYMLINK_NOFOLLOW);
  show_stat("lstat of a link to a file, with a slash", "to_file/", AT_SYMLINK_NOFOLLOW);
}

GUEST_CASE(rename_moves_a_file) {
  write_file("one", "content");
  make_folder("folder");
  show("in its folder", sys::rename("one", "two"));
  show("to another", sys::rename("two", "folder/three"));
  show_names("here", ".");
  show_file("there", "folder/three");
}

GUEST_CASE(rename_replaces_a_file) {
  write_file("one", "new");
  write_file("two", "old");
  const int old = open_or_end("two", O_RDONLY);
  show("rename", sys::rename("one", "two"));
  show_names("here", ".");
  show_file("two", "two");
  show_read("the old file lives while it is open", old);
}

GUEST_CASE(rename_to_another_name_of_the_same_file_does_nothing) {
  write_file("one", "x");
  must("link", sys::link("one", "two"));
  show("rename", sys::rename("one", "two"));
  show_names("here", ".");
}

GUEST_CASE(rename_of_folders) {
  make_folder("a");
  make_folder("a/inner");
  make_folder("empty");
  make_folder("full");
  write_file("full/file", "x");
  write_file("file", "x");
  show("over an empty folder", sys::rename("a", "empty"));
  show_names("it", "empty");
  show("over a full folder", sys::rename("empty", "full"));
  show("over a file", sys::rename("empty", "file"));
  show("a file over a folder", sys::rename("file", "empty"));
  show("into itself", sys::rename("empty", "empty/inner/new"));
  show("onto itself", sys::rename("empty", "empty"));
  show("over its parent", sys::rename("empty/inner", "empty"));
}

GUEST_CASE(rename_of_a_folder_moves_its_parent_entry) {
  make_folder("a");
  make_folder("b");
  make_folder("a/moved");
  write_file("b/witness", "in b");
  must("rename", sys::rename("a/moved", "b/moved"));
  show_file("moved/../witness", "b/moved/../witness");
  struct stat status{};
  must("stat", sys::stat("a", &status));
  show("links of a", static_cast<long>(status.st_nlink));
  must("stat", sys::stat("b", &status));
  show("links of b", static_cast<long>(status.st_nlink));
}

GUEST_CASE(rename_errors) {
  write_file("file", "x");
  make_folder("folder");
  show("a missing file", sys::rename("missing", "new"));
  show("into a missing folder", sys::rename("file", "missing/new"));
  show("into a file", sys::rename("file", "file/new"));
  show("of .", sys::rename(".", "new"));
  show("of ..", sys::rename("folder/..", "new"));
  show("to .", sys::rename("folder", "."));
  show("of /", sys::rename("/", "new"));
  show("a file with a slash", sys::rename("file/", "new"));
  show("a file to a slash", sys::rename("file", "new/"));
  show("a folder to a slash", sys::rename("folder", "new/"));
}

GUEST_CASE(rename_of_a_symlink_moves_the_link) {
  write_file("file", "x");
  must("symlink", sys::symlink("file", "link"));
  must("rename", sys::rename("link", "moved"));
  show_stat("moved", "moved", AT_SYMLINK_NOFOLLOW);
  write_file("other", "y");
  must("rename", sys::rename("other", "moved"));
  show_stat("replaced, not followed", "moved", AT_SYMLINK_NOFOLLOW);
  show_file("the target", "file");
}

GUEST_CASE(mknod_kinds) {
  show("a regular file", sys::mknod("file", S_IFREG | 0640, 0));
  show_stat("file", "file");
  show("no kind is a regular file", sys::mknod("plain", 0600, 0));
  show_stat("plain", "plain");
  show("a folder", sys::mknod("folder", S_IFDIR | 0755, 0));
  show("over an existing name", sys::mknod("file", S_IFREG | 0644, 0));
  show("nonsense", sys::mknod("nonsense", 0770000 | 0644, 0));
}

GUEST_CASE(names_are_bytes) {
  write_file("with blank", "1");
  write_file("caf\xc3\xa9", "2");
  write_file("-dash", "3");
  write_file(".hidden", "4");
  write_file("...", "5");
  show_names("here", ".");
}

}  // namespace weft::guest
