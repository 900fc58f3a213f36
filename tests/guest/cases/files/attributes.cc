// What stat says, and the calls that change it.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"

namespace weft::guest {
namespace {

struct stat stat_of(const char* path) {
  struct stat status{};
  must("stat", sys::stat(path, &status));
  return status;
}

bool is_now_or_later(uint64_t seconds, const timespec& before) {
  return static_cast<long>(seconds) >= before.tv_sec;
}

}  // namespace

GUEST_CASE(stat_fields_of_a_file) {
  timespec before{};
  sys::clock_gettime(CLOCK_REALTIME_COARSE, &before);
  write_file("file", "0123456789");
  const struct stat status = stat_of("file");
  show("size", status.st_size);
  show("links", static_cast<long>(status.st_nlink));
  say("mode {:x}, owner {} {}", status.st_mode, status.st_uid, status.st_gid);
  check("an inode number", status.st_ino != 0);
  check("a block size", status.st_blksize >= 512);
  check("times are now", is_now_or_later(status.st_mtime, before) &&
                             is_now_or_later(status.st_ctime, before) &&
                             is_now_or_later(status.st_atime, before));
  struct stat by_descriptor{};
  must("fstat", sys::fstat(open_or_end("file", O_RDONLY), &by_descriptor));
  check("fstat says the same", __builtin_memcmp(&status, &by_descriptor, sizeof status) == 0);
}

GUEST_CASE(stat_of_a_folder_counts_its_folders) {
  must("mkdir", sys::mkdir("folder", 0755));
  show("empty", static_cast<long>(stat_of("folder").st_nlink));
  must("mkdir", sys::mkdir("folder/inner", 0755));
  show("with a folder", static_cast<long>(stat_of("folder").st_nlink));
  write_file("folder/file", "x");
  show("and a file", static_cast<long>(stat_of("folder").st_nlink));
  must("rmdir", sys::rmdir("folder/inner"));
  show("without the folder", static_cast<long>(stat_of("folder").st_nlink));
}

GUEST_CASE(stat_lstat_and_symlinks) {
  write_file("file", "x");
  must("symlink", sys::symlink("file", "link"));
  must("symlink", sys::symlink("nowhere", "dangling"));
  struct stat status;
  show("stat", sys::stat("link", &status));
  check("it is the file", (status.st_mode & S_IFMT) == S_IFREG);
  show("lstat", sys::lstat("link", &status));
  check("it is the link", (status.st_mode & S_IFMT) == S_IFLNK);
  show("its size is its text's", status.st_size);
  show("its permissions", status.st_mode & 0777);
  show("stat of a dangling one", sys::stat("dangling", &status));
  show("lstat of a dangling one", sys::lstat("dangling", &status));
}

GUEST_CASE(newfstatat_flags) {
  write_file("file", "x");
  must("symlink", sys::symlink("file", "link"));
  const int fd = open_or_end("file", O_RDONLY);
  struct stat status;
  show_stat("follows by default", "link");
  show_stat("AT_SYMLINK_NOFOLLOW", "link", AT_SYMLINK_NOFOLLOW);
  show("AT_EMPTY_PATH", sys::newfstatat(fd, "", &status, AT_EMPTY_PATH));
  show("an empty path without it", sys::newfstatat(fd, "", &status, 0));
  show("AT_EMPTY_PATH at the working folder",
       sys::newfstatat(AT_FDCWD, "", &status, AT_EMPTY_PATH));
  check("is that folder", (status.st_mode & S_IFMT) == S_IFDIR);
  show("an unknown flag", sys::newfstatat(AT_FDCWD, "file", &status, 0x10));
  show("a bad descriptor", sys::newfstatat(99, "file", &status, 0));
  show("a file as the folder", sys::newfstatat(fd, "x", &status, 0));
}

GUEST_CASE(chmod_is_stored) {
  write_file("file", "x");
  must("mkdir", sys::mkdir("folder", 0755));
  show("chmod", sys::chmod("file", 0640));
  show_stat("file", "file");
  show("special bits", sys::chmod("file", 07777));
  say("mode {:x}", stat_of("file").st_mode);
  show("a folder", sys::chmod("folder", 0700));
  show_stat("folder", "folder");
  show("fchmod", sys::fchmod(open_or_end("file", O_RDONLY), 0400));
  show_stat("file", "file");
  show("fchmodat", sys::fchmodat(AT_FDCWD, "file", 0222));
  show_stat("file", "file");
  show("a missing file", sys::chmod("missing", 0644));
}

GUEST_CASE(chmod_follows_symlinks) {
  write_file("file", "x");
  must("symlink", sys::symlink("file", "link"));
  must("chmod", sys::chmod("link", 0600));
  show_stat("file", "file");
}

GUEST_CASE(chown_is_stored) {
  write_file("file", "x");
  show("chown", sys::chown("file", 5, 6));
  say("{} {}", stat_of("file").st_uid, stat_of("file").st_gid);
  show("-1 keeps", sys::chown("file", -1, 7));
  say("{} {}", stat_of("file").st_uid, stat_of("file").st_gid);
  show("fchown", sys::fchown(open_or_end("file", O_RDONLY), 8, -1));
  say("{} {}", stat_of("file").st_uid, stat_of("file").st_gid);
}

GUEST_CASE(umask_gives_the_old_one_and_keeps_nine_bits) {
  show("first", sys::umask(077));
  show("second", sys::umask(0177777));
  show("third", sys::umask(0));
}

GUEST_CASE(utimensat_sets_times) {
  write_file("file", "x");
  const timespec times[] = {{1000, 111}, {2000, 222}};
  show("utimensat", sys::utimensat(AT_FDCWD, "file", times, 0));
  const struct stat status = stat_of("file");
  say("{}.{} {}.{}", status.st_atime, status.st_atime_nsec, status.st_mtime, status.st_mtime_nsec);
}

GUEST_CASE(utimensat_now_and_omit) {
  write_file("file", "x");
  constexpr long k_now = (1L << 30) - 1;
  constexpr long k_omit = (1L << 30) - 2;
  const timespec old[] = {{1000, 0}, {2000, 0}};
  must("utimensat", sys::utimensat(AT_FDCWD, "file", old, 0));
  const timespec mixed[] = {{0, k_now}, {0, k_omit}};
  show("access now, modification omitted", sys::utimensat(AT_FDCWD, "file", mixed, 0));
  check("access is now", stat_of("file").st_atime > 1'000'000);
  show("modification", static_cast<long>(stat_of("file").st_mtime));
  show("no times at all", sys::utimensat(AT_FDCWD, "file", nullptr, 0));
  check("both are now", stat_of("file").st_mtime > 1'000'000);
  const timespec neither[] = {{0, k_omit}, {0, k_omit}};
  show("both omitted", sys::utimensat(AT_FDCWD, "file", neither, 0));
}

GUEST_CASE(utimensat_errors_and_descriptors) {
  write_file("file", "x");
  const timespec nonsense[] = {{0, 2'000'000'000}, {0, 0}};
  const timespec good[] = {{5, 0}, {6, 0}};
  show("a bad time", sys::utimensat(AT_FDCWD, "file", nonsense, 0));
  show("an unknown flag", sys::utimensat(AT_FDCWD, "file", good, 0x20));
  show("a missing file", sys::utimensat(AT_FDCWD, "missing", good, 0));
  const int fd = open_or_end("file", O_RDONLY);
  show("by descriptor", sys::utimensat(fd, nullptr, good, 0));
  say("{} {}", stat_of("file").st_atime, stat_of("file").st_mtime);
  must("symlink", sys::symlink("file", "link"));
  const timespec other[] = {{7, 0}, {8, 0}};
  show("the link itself", sys::utimensat(AT_FDCWD, "link", other, AT_SYMLINK_NOFOLLOW));
  show("the file's", static_cast<long>(stat_of("file").st_mtime));
}

GUEST_CASE(times_change_with_what_is_done) {
  write_file("file", "x");
  must("mkdir", sys::mkdir("folder", 0755));
  const timespec old[] = {{1000, 0}, {1000, 0}};
  const auto age = [&](const char* path) {
    must("utimensat", sys::utimensat(AT_FDCWD, path, old, 0));
  };
  age("file");
  const int fd = open_or_end("file", O_WRONLY);
  must("write", sys::write(fd, "y", 1));
  check("a write changes the modification time", stat_of("file").st_mtime > 1000);
  age("file");
  must("chmod", sys::chmod("file", 0600));
  show("chmod does not", static_cast<long>(stat_of("file").st_mtime));
  must("ftruncate", sys::ftruncate(fd, 0));
  check("truncation does", stat_of("file").st_mtime > 1000);
  age("folder");
  write_file("folder/new", "x");
  check("a new name changes its folder's", stat_of("folder").st_mtime > 1000);
  age("folder");
  must("unlink", sys::unlink("folder/new"));
  check("so does a name's end", stat_of("folder").st_mtime > 1000);
}

GUEST_CASE(access_as_root) {
  write_file("file", "x");
  must("chmod", sys::chmod("file", 0));
  show("exists", sys::access("file", F_OK));
  show("read", sys::access("file", R_OK));
  show("write", sys::access("file", W_OK));
  show("execute without any x", sys::access("file", X_OK));
  must("chmod", sys::chmod("file", 0100));
  show("execute with one x", sys::access("file", X_OK));
  show("a folder", sys::access(".", R_OK | W_OK | X_OK));
  show("missing", sys::access("missing", F_OK));
  show("nonsense", sys::access("file", 8));
  show("below a file", sys::access("file/x", F_OK));
}

GUEST_CASE(faccessat2_flags) {
  write_file("file", "x");
  must("symlink", sys::symlink("nowhere", "link"));
  show("follows", sys::faccessat2(AT_FDCWD, "link", F_OK, 0));
  show("AT_SYMLINK_NOFOLLOW", sys::faccessat2(AT_FDCWD, "link", F_OK, AT_SYMLINK_NOFOLLOW));
  show("AT_EACCESS", sys::faccessat2(AT_FDCWD, "file", R_OK, AT_EACCESS));
  show("unknown", sys::faccessat2(AT_FDCWD, "file", R_OK, 0x8000));
}

GUEST_CASE(statfs_says_something) {
  struct statfs status{};
  show("statfs", sys::statfs("/tmp", &status));
  check("block size and name length", status.f_bsize > 0 && status.f_namelen == 255);
  show("a missing file", sys::statfs("missing", &status));
  show("a bad pointer", sys::statfs("/tmp", k_bad_pointer));
}

}  // namespace weft::guest
