// open and openat: every flag, every way to fail.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"

namespace weft::guest {

GUEST_CASE(open_gives_the_lowest_free_descriptor) {
  write_file("file", "x");
  show("first", sys::open("file", O_RDONLY));
  show("second", sys::open("file", O_RDONLY));
  show("third", sys::open("file", O_RDONLY));
  show("close the second", sys::close(4));
  show("the next", sys::open("file", O_RDONLY));
}

GUEST_CASE(open_missing_file) {
  show("read", sys::open("missing", O_RDONLY));
  show("write", sys::open("missing", O_WRONLY));
  show("an empty name", sys::open("", O_RDONLY));
  show("below a missing folder", sys::open("missing/file", O_RDONLY | O_CREAT, 0644));
}

GUEST_CASE(open_creates_with_mode_and_umask) {
  sys::umask(027);
  must("open", sys::open("one", O_WRONLY | O_CREAT, 0666));
  must("open", sys::open("two", O_WRONLY | O_CREAT, 0777));
  must("open", sys::open("three", O_WRONLY | O_CREAT, 0));
  show_stat("0666", "one");
  show_stat("0777", "two");
  show_stat("0", "three");
}

GUEST_CASE(open_create_keeps_an_existing_file) {
  write_file("file", "content");
  must("open", sys::open("file", O_WRONLY | O_CREAT, 0600));
  show_stat("file", "file");
  show_file("content", "file");
}

GUEST_CASE(open_excl_refuses_what_exists) {
  show("new", sys::open("file", O_WRONLY | O_CREAT | O_EXCL, 0644));
  show("again", sys::open("file", O_WRONLY | O_CREAT | O_EXCL, 0644));
  must("symlink", sys::symlink("nowhere", "link"));
  show("a dangling symlink", sys::open("link", O_WRONLY | O_CREAT | O_EXCL, 0644));
  must("mkdir", sys::mkdir("folder", 0755));
  show("a folder", sys::open("folder", O_WRONLY | O_CREAT | O_EXCL, 0644));
}

GUEST_CASE(open_create_through_a_dangling_symlink) {
  must("symlink", sys::symlink("target", "link"));
  show("open", sys::open("link", O_WRONLY | O_CREAT, 0644));
  show_stat("target", "target");
}

GUEST_CASE(open_trunc_empties) {
  write_file("file", "content");
  must("open", sys::open("file", O_WRONLY | O_TRUNC));
  show_stat("file", "file");
}

GUEST_CASE(open_append_writes_at_the_end) {
  write_file("file", "one");
  const int fd = open_or_end("file", O_RDWR | O_APPEND);
  show("position at first", sys::lseek(fd, 0, SEEK_CUR));
  must("write", sys::write(fd, "two", 3));
  must("lseek", sys::lseek(fd, 0, SEEK_SET));
  must("write", sys::write(fd, "three", 5));
  show("position", sys::lseek(fd, 0, SEEK_CUR));
  show_file("content", "file");
}

GUEST_CASE(open_append_by_several_loses_nothing) {
  write_file("file", "");
  for (int index = 0; index < 4; ++index) {
    start_child([&] {
      const int fd = open_or_end("file", O_WRONLY | O_APPEND);
      for (int round = 0; round < 100; ++round) sys::write(fd, "0123456789", 10);
    });
  }
  while (sys::wait4(-1, nullptr, 0, nullptr) > 0) {
  }
  show_stat("file", "file");
}

GUEST_CASE(open_directory_flag) {
  write_file("file", "x");
  must("mkdir", sys::mkdir("folder", 0755));
  show("a folder", sys::open("folder", O_RDONLY | O_DIRECTORY));
  show("a file", sys::open("file", O_RDONLY | O_DIRECTORY));
  show("a folder for writing", sys::open("folder", O_WRONLY));
  show("a folder for both", sys::open("folder", O_RDWR));
  show("a folder with O_CREAT", sys::open("folder", O_RDONLY | O_CREAT, 0644));
}

GUEST_CASE(open_nofollow_refuses_a_symlink_at_the_end) {
  write_file("file", "x");
  must("mkdir", sys::mkdir("folder", 0755));
  write_file("folder/inner", "x");
  must("symlink", sys::symlink("file", "link"));
  must("symlink", sys::symlink("folder", "way"));
  show("the link", sys::open("link", O_RDONLY | O_NOFOLLOW));
  show("the file", sys::open("file", O_RDONLY | O_NOFOLLOW));
  show("a link on the way", sys::open("way/inner", O_RDONLY | O_NOFOLLOW));
  show("a link to a folder, wanted as one", sys::open("way", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
}

GUEST_CASE(open_trailing_slash_wants_a_folder) {
  write_file("file", "x");
  must("mkdir", sys::mkdir("folder", 0755));
  show("folder/", sys::open("folder/", O_RDONLY));
  show("file/", sys::open("file/", O_RDONLY));
  show("new/ with O_CREAT", sys::open("new/", O_RDWR | O_CREAT, 0644));
  show("file/. ", sys::open("file/.", O_RDONLY));
}

GUEST_CASE(open_cloexec) {
  write_file("file", "x");
  const int fd = open_or_end("file", O_RDONLY | O_CLOEXEC);
  show("descriptor flags", sys::fcntl(fd, F_GETFD));
  show("it is no status flag", sys::fcntl(fd, F_GETFL) & O_CLOEXEC);
}

GUEST_CASE(open_modes_decide_what_one_may) {
  write_file("file", "x");
  char byte = 'y';
  const int reader = open_or_end("file", O_RDONLY);
  const int writer = open_or_end("file", O_WRONLY);
  show("write to a reader", sys::write(reader, &byte, 1));
  show("read from a writer", sys::read(writer, &byte, 1));
  show("ftruncate of a reader", sys::ftruncate(reader, 0));
  const long neither = sys::open("file", O_ACCMODE);
  show("the fourth mode", neither);
  show("reads no", sys::read(neither, &byte, 1));
  show("and writes no", sys::write(neither, &byte, 1));
}

GUEST_CASE(open_names_that_are_too_long) {
  static char name[4200];
  __builtin_memset(name, 'n', 256);
  show("256 letters", sys::open(name, O_WRONLY | O_CREAT, 0644));
  name[255] = '\0';
  show("255 letters", sys::open(name, O_WRONLY | O_CREAT, 0644));
  for (int at = 0; at < 4095; at += 2) {
    name[at] = '.';
    name[at + 1] = '/';
  }
  name[4095] = '\0';
  show("a path of 4095", sys::open(name, O_RDONLY));
  name[4095] = '.';
  name[4096] = '\0';
  show("a path of 4096", sys::open(name, O_RDONLY));
}

GUEST_CASE(open_odd_paths) {
  must("mkdir", sys::mkdir("folder", 0755));
  write_file("folder/file", "x");
  show_file("a//b", "folder//file");
  show_file("a/./b", "folder/./file");
  show_file("a/../a/b", "folder/../folder/file");
  show("..'s of the root", sys::open("/../../..", O_RDONLY));
  show("through a file", sys::open("folder/file/../file", O_RDONLY));
}

GUEST_CASE(openat_starts_at_its_folder) {
  must("mkdir", sys::mkdir("folder", 0755));
  write_file("folder/file", "inner");
  write_file("plain", "x");
  const int folder = open_or_end("folder", O_RDONLY | O_DIRECTORY);
  show_read("file", static_cast<int>(must("openat", sys::openat(folder, "file", O_RDONLY))));
  show("the folder's parent", sys::openat(folder, "../plain", O_RDONLY));
  show("an absolute path needs no folder", sys::openat(-5, "/", O_RDONLY));
  show("no folder", sys::openat(-5, "file", O_RDONLY));
  const int plain = open_or_end("plain", O_RDONLY);
  show("a file as the folder", sys::openat(plain, "file", O_RDONLY));
}

GUEST_CASE(openat_folder_may_be_removed_or_moved) {
  must("mkdir", sys::mkdir("folder", 0755));
  const int folder = open_or_end("folder", O_RDONLY | O_DIRECTORY);
  must("rename", sys::rename("folder", "moved"));
  show("after a move", sys::openat(folder, "file", O_WRONLY | O_CREAT, 0644));
  show_names("moved", "moved");
  must("unlink", sys::unlink("moved/file"));
  must("rmdir", sys::rmdir("moved"));
  show("after its end", sys::openat(folder, "file", O_WRONLY | O_CREAT, 0644));
}

GUEST_CASE(creat_is_open) {
  write_file("file", "old");
  const long fd = sys::creat("file", 0600);
  show("creat", fd);
  show_stat("file", "file");
  char byte;
  show("it only writes", sys::read(fd, &byte, 1));
}

GUEST_CASE(open_limit_of_descriptors) {
  show_child("child", [] {
    const rlimit limit{6, 6};
    must("prlimit64", sys::prlimit64(0, RLIMIT_NOFILE, &limit, nullptr));
    for (int count = 0; count < 4; ++count) show("open", sys::open("/dev/null", O_RDONLY));
    int ends[2];
    sys::close(5);
    show("pipe with room for one", sys::pipe(ends));
    show("dup2 to beyond", sys::dup2(0, 6));
    show("F_DUPFD to beyond", sys::fcntl(0, F_DUPFD, 6));
    show("one more", sys::open("/dev/null", O_RDONLY));
  });
}

}  // namespace weft::guest
