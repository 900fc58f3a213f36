// The calls that take a folder's descriptor: each starts there, and treats bad descriptors alike.
#include "guest/support/files.hh"
#include "guest/support/process.hh"

namespace weft::guest {
namespace {

int open_folder(const char* path) {
  sys::mkdir(path, 0755);
  return open_or_end(path, O_RDONLY | O_DIRECTORY);
}

}  // namespace

GUEST_CASE(at_calls_start_at_their_folder) {
  const int one = open_folder("one");
  const int two = open_folder("two");
  char room[20];
  show("mkdirat", sys::mkdirat(one, "folder", 0755));
  show("mknodat", sys::mknodat(one, "file", S_IFREG | 0644, 0));
  show("symlinkat", sys::symlinkat("file", one, "link"));
  show("readlinkat", sys::readlinkat(one, "link", room, sizeof room));
  show("linkat", sys::linkat(one, "file", two, "hard"));
  show("renameat", sys::renameat(one, "folder", two, "moved"));
  show("fchmodat", sys::fchmodat(one, "file", 0600));
  show("fchownat", sys::fchownat(one, "file", 3, 4, 0));
  show("faccessat", sys::faccessat(one, "file", R_OK));
  show("unlinkat", sys::unlinkat(one, "link", 0));
  show_names("one", "one");
  show_names("two", "two");
}

GUEST_CASE(at_calls_with_bad_descriptors) {
  write_file("file", "x");
  const int file = open_or_end("file", O_RDONLY);
  for (const int fd : {-1, 99, file}) {
    say("descriptor {}", fd == file ? "of a file" : "that isn't open");
    show("mkdirat", sys::mkdirat(fd, "x", 0755));
    show("symlinkat", sys::symlinkat("x", fd, "x"));
    show("unlinkat", sys::unlinkat(fd, "x", 0));
    show("renameat", sys::renameat(fd, "x", AT_FDCWD, "y"));
    show("linkat", sys::linkat(AT_FDCWD, "file", fd, "y", 0));
    show("fchmodat", sys::fchmodat(fd, "x", 0644));
    show("an absolute path does not care", sys::faccessat(fd, "/tmp", F_OK));
  }
}

GUEST_CASE(renameat2_noreplace_and_exchange) {
  constexpr int k_noreplace = 1;
  constexpr int k_exchange = 2;
  const auto rename = [](const char* from, const char* to, int flags) {
    return sys::renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
  };
  write_file("one", "1");
  write_file("two", "2");
  show("noreplace over a file", rename("one", "two", k_noreplace));
  show("noreplace to a new name", rename("one", "three", k_noreplace));
  show("exchange", rename("two", "three", k_exchange));
  show_file("two", "two");
  show_file("three", "three");
  show("exchange with nothing", rename("two", "missing", k_exchange));
  show("both", rename("two", "three", k_noreplace | k_exchange));
  show("unknown flags", rename("two", "three", 64));
}

GUEST_CASE(renameat2_exchange_of_a_file_and_a_folder) {
  write_file("file", "x");
  must("mkdir", sys::mkdir("folder", 0755));
  write_file("folder/inner", "y");
  show("exchange", sys::renameat2(AT_FDCWD, "file", AT_FDCWD, "folder", 2));
  show_stat("file", "file");
  show_stat("folder", "folder");
  show_names("what was in the folder", "file");
}

GUEST_CASE(fchownat_flags) {
  write_file("file", "x");
  must("symlink", sys::symlink("file", "link"));
  show("the link itself", sys::fchownat(AT_FDCWD, "link", 7, 8, AT_SYMLINK_NOFOLLOW));
  struct stat status{};
  must("stat", sys::stat("link", &status));
  say("the file: {} {}", status.st_uid, status.st_gid);
  must("lstat", sys::lstat("link", &status));
  say("the link: {} {}", status.st_uid, status.st_gid);
  show("lchown", sys::lchown("link", 1, 2));
  must("lstat", sys::lstat("link", &status));
  say("the link: {} {}", status.st_uid, status.st_gid);
  show("unknown flags", sys::fchownat(AT_FDCWD, "file", 0, 0, 0x20));
}

}  // namespace weft::guest
