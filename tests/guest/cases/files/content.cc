// Reading, writing, positions and sizes of regular files.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"

namespace weft::guest {

GUEST_CASE(file_read_and_write_move_the_position) {
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  show("write", sys::write(fd, "abcdef", 6));
  show("position", sys::lseek(fd, 0, SEEK_CUR));
  show_read("read at the end", fd);
  show("back to 2", sys::lseek(fd, 2, SEEK_SET));
  show_read("read", fd, 2);
  must("write", sys::write(fd, "E", 1));
  show_file("content", "file");
}

GUEST_CASE(file_read_stops_at_the_end) {
  write_file("file", "abc");
  const int fd = open_or_end("file", O_RDONLY);
  char room[10];
  show("read 10", sys::read(fd, room, 10));
  show("again", sys::read(fd, room, 10));
}

GUEST_CASE(file_lseek_all_ways) {
  write_file("file", "0123456789");
  const int fd = open_or_end("file", O_RDWR);
  show("SEEK_SET 4", sys::lseek(fd, 4, SEEK_SET));
  show("SEEK_CUR 3", sys::lseek(fd, 3, SEEK_CUR));
  show("SEEK_CUR -2", sys::lseek(fd, -2, SEEK_CUR));
  show("SEEK_END -1", sys::lseek(fd, -1, SEEK_END));
  show("SEEK_END 100", sys::lseek(fd, 100, SEEK_END));
  show("before the start", sys::lseek(fd, -1, SEEK_SET));
  show("before the start by SEEK_CUR", sys::lseek(fd, -1000, SEEK_CUR));
  show("an unknown way", sys::lseek(fd, 0, 9));
  show("position is unchanged by errors", sys::lseek(fd, 0, SEEK_CUR));
  show("the largest", sys::lseek(fd, 0x7fff'ffff'ffff'ffff, SEEK_SET));
}

GUEST_CASE(file_write_beyond_the_end_leaves_zeros) {
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  must("write", sys::write(fd, "a", 1));
  must("lseek", sys::lseek(fd, 10'000, SEEK_SET));
  show_stat("lseek alone doesn't grow it", "file");
  must("write", sys::write(fd, "z", 1));
  show_stat("then", "file");
  char room[3] = {1, 1, 1};
  must("pread64", sys::pread64(fd, room, 3, 5'000));
  check("zeros in between", room[0] == 0 && room[1] == 0 && room[2] == 0);
}

GUEST_CASE(file_pread_and_pwrite_leave_the_position) {
  write_file("file", "0123456789");
  const int fd = open_or_end("file", O_RDWR);
  char room[4] = {};
  show("pread64", sys::pread64(fd, room, 3, 5));
  say("{}", std::string_view(room, 3));
  show("pwrite64", sys::pwrite64(fd, "XY", 2, 8));
  show("pwrite64 beyond the end", sys::pwrite64(fd, "!", 1, 12));
  show("position", sys::lseek(fd, 0, SEEK_CUR));
  show("pread64 behind the end", sys::pread64(fd, room, 3, 100));
  show("pread64 at -1", sys::pread64(fd, room, 3, -1));
  show("pwrite64 at -1", sys::pwrite64(fd, room, 3, -1));
  show_stat("file", "file");
}

GUEST_CASE(file_pwrite_with_append_appends) {
  // Linux's known exception from POSIX.
  write_file("file", "abc");
  const int fd = open_or_end("file", O_RDWR | O_APPEND);
  show("pwrite64 at 0", sys::pwrite64(fd, "X", 1, 0));
  show_file("content", "file");
}

GUEST_CASE(file_readv_writev_in_one_go) {
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  iovec out[] = {{const_cast<char*>("one "), 4},
                 {const_cast<char*>("two "), 4},
                 {const_cast<char*>("three"), 5}};
  show("writev", sys::writev(fd, out, 3));
  must("lseek", sys::lseek(fd, 0, SEEK_SET));
  char first[6];
  char second[20];
  iovec in[] = {{first, 6}, {second, 20}};
  show("readv", sys::readv(fd, in, 2));
  say("'{}' '{}'", std::string_view(first, 6), std::string_view(second, 7));
  show("preadv at 4", sys::preadv(fd, in, 1, 4L, 0L));
  say("'{}'", std::string_view(first, 6));
  show("pwritev at 13", sys::pwritev(fd, out, 1, 13L, 0L));
  show_file("content", "file");
}

GUEST_CASE(file_writev_part_with_a_bad_pointer) {
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  iovec parts[] = {{const_cast<char*>("good"), 4}, {k_bad_pointer, 4}, {const_cast<char*>("x"), 1}};
  show("writev", sys::writev(fd, parts, 3));
  show_file("content", "file");
}

GUEST_CASE(file_truncate_shrinks_and_grows) {
  write_file("file", "0123456789");
  show("to 4", sys::truncate("file", 4));
  show_file("content", "file");
  const int fd = open_or_end("file", O_RDWR);
  show("to 8", sys::ftruncate(fd, 8));
  char room[8];
  must("read", sys::read(fd, room, 8));
  check("the new bytes are zeros", room[4] == 0 && room[7] == 0);
  show("to 0", sys::ftruncate(fd, 0));
  show_stat("file", "file");
}

GUEST_CASE(file_truncate_then_grow_does_not_show_the_old_bytes) {
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  static char block[9000];
  __builtin_memset(block, 'o', sizeof block);
  must("write", sys::write(fd, block, sizeof block));
  must("ftruncate", sys::ftruncate(fd, 4100));
  must("ftruncate", sys::ftruncate(fd, 9000));
  must("pread64", sys::pread64(fd, block, 9000, 0));
  check("byte 4099 is old", block[4099] == 'o');
  check("byte 4100 is 0", block[4100] == 0);
  check("byte 8999 is 0", block[8999] == 0);
}

GUEST_CASE(file_truncate_errors) {
  write_file("file", "x");
  must("mkdir", sys::mkdir("folder", 0755));
  const int reader = open_or_end("file", O_RDONLY);
  show("negative", sys::truncate("file", -1));
  show("a folder", sys::truncate("folder", 0));
  show("a missing file", sys::truncate("missing", 0));
  show("a reader", sys::ftruncate(reader, 0));
  show("a bad descriptor", sys::ftruncate(99, 0));
  show("negative by descriptor", sys::ftruncate(reader, -1));
}

GUEST_CASE(file_size_limit_gives_sigxfsz_and_efbig) {
  show_child("ignoring it", [] {
    ignore(SIGXFSZ);
    const rlimit limit{10, 10};
    must("prlimit64", sys::prlimit64(0, RLIMIT_FSIZE, &limit, nullptr));
    const int fd = open_or_end("file", O_RDWR | O_CREAT);
    show("write of 15", sys::write(fd, "0123456789abcde", 15));
    show("write of 1", sys::write(fd, "x", 1));
    show("ftruncate to 20", sys::ftruncate(fd, 20));
    show("ftruncate to 5", sys::ftruncate(fd, 5));
  });
  show_child("by default", [] {
    const rlimit limit{10, 10};
    must("prlimit64", sys::prlimit64(0, RLIMIT_FSIZE, &limit, nullptr));
    const int fd = open_or_end("other", O_RDWR | O_CREAT);
    must("lseek", sys::lseek(fd, 10, SEEK_SET));
    sys::write(fd, "x", 1);
  });
}

GUEST_CASE(file_unlinked_while_open_lives_until_its_close) {
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  must("unlink", sys::unlink("file"));
  show_names("the folder", ".");
  must("write", sys::write(fd, "hidden", 6));
  must("lseek", sys::lseek(fd, 0, SEEK_SET));
  show_read("read", fd);
  struct stat status;
  must("fstat", sys::fstat(fd, &status));
  show("links", static_cast<long>(status.st_nlink));
}

GUEST_CASE(file_large_content_comes_back) {
  // 3 MB in odd pieces, checked byte by byte.
  static unsigned char piece[7919];
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  uint32_t number = 1;
  const auto next = [&] { return number = number * 1'664'525 + 1'013'904'223, number >> 24; };
  for (int round = 0; round < 400; ++round) {
    for (unsigned char& byte : piece) byte = static_cast<unsigned char>(next());
    if (sys::write(fd, piece, sizeof piece) != sizeof piece) return say("a short write");
  }
  must("lseek", sys::lseek(fd, 0, SEEK_SET));
  number = 1;
  long wrong = 0;
  long total = 0;
  for (long count; (count = sys::read(fd, piece, 5000)) > 0; total += count) {
    for (long at = 0; at < count; ++at) wrong += piece[at] != next();
  }
  say("{} bytes, {} wrong", total, wrong);
}

GUEST_CASE(file_of_a_folder_cannot_be_read_or_written) {
  const int fd = open_or_end(".", O_RDONLY);
  char byte;
  show("read", sys::read(fd, &byte, 1));
  show("write", sys::write(fd, &byte, 1));
  show("lseek to the start", sys::lseek(fd, 0, SEEK_SET));
  show("pread64", sys::pread64(fd, &byte, 1, 0));
}

GUEST_CASE(file_calls_on_bad_descriptors) {
  char room[200];
  for (const int fd : {-1, 99, 100'000}) {
    say("descriptor {}", fd);
    show("read", sys::read(fd, room, 1));
    show("write", sys::write(fd, room, 1));
    show("pread64", sys::pread64(fd, room, 1, 0));
    show("lseek", sys::lseek(fd, 0, SEEK_SET));
    show("close", sys::close(fd));
    show("fstat", sys::fstat(fd, room));
    show("fsync", sys::fsync(fd));
    show("dup", sys::dup(fd));
    show("getdents64", sys::getdents64(fd, room, 200));
    show("fchmod", sys::fchmod(fd, 0));
    show("ioctl", sys::ioctl(fd, TCGETS, room));
    show("fcntl", sys::fcntl(fd, F_GETFL));
  }
}

GUEST_CASE(file_sendfile_copies) {
  write_file("source", "0123456789");
  const int source = open_or_end("source", O_RDONLY);
  const int target = open_or_end("target", O_WRONLY | O_CREAT);
  show("sendfile", sys::sendfile(target, source, nullptr, 4));
  show("the source's position", sys::lseek(source, 0, SEEK_CUR));
  long offset = 6;
  show("from an offset", sys::sendfile(target, source, &offset, 100));
  show("the offset", offset);
  show("the source's position", sys::lseek(source, 0, SEEK_CUR));
  show_file("target", "target");
  show("to a reader", sys::sendfile(source, source, nullptr, 1));
  Pipe pipe;
  offset = 0;
  show("to a pipe", sys::sendfile(pipe.writer, source, &offset, 3));
  show_read("the pipe", pipe.reader);
}

GUEST_CASE(file_sync_calls) {
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  Pipe pipe;
  show("fsync", sys::fsync(fd));
  show("fsync of a pipe", sys::fsync(pipe.reader));
}

GUEST_CASE(device_null_zero_full) {
  char room[4] = {1, 2, 3, 4};
  const int null = open_or_end("/dev/null", O_RDWR);
  show("null: write", sys::write(null, room, 4));
  show("null: read", sys::read(null, room, 4));
  show("null: lseek", sys::lseek(null, 5, SEEK_SET));
  const int zero = open_or_end("/dev/zero", O_RDWR);
  show("zero: read", sys::read(zero, room, 4));
  check("zero: zeros", (room[0] | room[1] | room[2] | room[3]) == 0);
  show("zero: write", sys::write(zero, room, 4));
  const int full = open_or_end("/dev/full", O_RDWR);
  show("full: write", sys::write(full, room, 4));
  room[0] = 1;
  show("full: read", sys::read(full, room, 4));
  show("full: zeros", room[0]);
}

GUEST_CASE(device_random) {
  uint64_t one[4] = {};
  uint64_t two[4] = {};
  for (const char* path : {"/dev/random", "/dev/urandom"}) {
    const int fd = open_or_end(path, O_RDONLY);
    show("read", sys::read(fd, one, sizeof one));
    show("read", sys::read(fd, two, sizeof two));
    check("they differ", __builtin_memcmp(one, two, sizeof one) != 0);
  }
}

GUEST_CASE(device_stat_says_character_device) {
  struct stat status;
  for (const char* path : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}) {
    must("stat", sys::stat(path, &status));
    say("{}: device {}, {}, mode {:x}", path, status.st_rdev >> 8, status.st_rdev & 0xff,
        status.st_mode);
  }
}

GUEST_CASE(memfd_is_a_file_without_a_name) {
  const long fd = sys::memfd_create("name", MFD_CLOEXEC);
  show("memfd_create", fd);
  show("flags", sys::fcntl(fd, F_GETFD));
  show("write", sys::write(fd, "text", 4));
  show("lseek", sys::lseek(fd, 0, SEEK_SET));
  show_read("read", static_cast<int>(fd));
  show("unknown flags", sys::memfd_create("x", 0x1000));
  show("a bad name", sys::memfd_create(k_bad_pointer, 0));
}

GUEST_CASE(flock_between_descriptors) {
  write_file("file", "x");
  const int one = open_or_end("file", O_RDONLY);
  const int two = open_or_end("file", O_RDONLY);
  constexpr int k_shared = 1, k_exclusive = 2, k_try = 4, k_unlock = 8;
  show("exclusive", sys::flock(one, k_exclusive));
  show("another shared, tried", sys::flock(two, k_shared | k_try));
  show("unlock", sys::flock(one, k_unlock));
  show("two shared ones", sys::flock(one, k_shared) + sys::flock(two, k_shared));
  show("exclusive, tried", sys::flock(one, k_exclusive | k_try));
  sys::close(two);
  show("a close unlocks", sys::flock(one, k_exclusive | k_try));
  const int copy = static_cast<int>(sys::dup(one));
  show("a duplicate is the same lock", sys::flock(copy, k_exclusive | k_try));
}

// What was moved before a bad address counts, part by part; the position stays.
GUEST_CASE(file_parts_up_to_a_bad_address) {
  const int fd = open_or_end("file", O_RDWR | O_CREAT);
  char text[] = "0123456789";
  iovec out[] = {{text, 4}, {k_bad_pointer, 4}, {text, 4}};
  show("pwritev", sys::pwritev(fd, out, 3, 2L, 0L));
  show("pwritev of nothing good", sys::pwritev(fd, out + 1, 2, 2L, 0L));
  show_stat("the file", "file");
  char room[20] = {};
  iovec in[] = {{room, 3}, {k_bad_pointer, 4}, {room, 4}};
  show("preadv", sys::preadv(fd, in, 3, 0L, 0L));
  show("preadv of nothing good", sys::preadv(fd, in + 1, 2, 0L, 0L));
  iovec wide[] = {{room, 4}, {room + 4, 0}, {room + 4, 16}};
  show("preadv up to the end", sys::preadv(fd, wide, 3, 0L, 0L));
  show("preadv behind the end", sys::preadv(fd, wide, 3, 100L, 0L));
  show("preadv at a negative place", sys::preadv(fd, wide, 3, -1L, -1L));
  show("preadv of too many parts", sys::preadv(fd, wide, 1025, 0L, 0L));
  show("preadv of no parts", sys::preadv(fd, wide, 0, 0L, 0L));
  wide[0].iov_len = ~size_t{0};
  show("preadv of a negative length", sys::preadv(fd, wide, 3, 0L, 0L));
  show("the position", sys::lseek(fd, 0, SEEK_CUR));
}

}  // namespace weft::guest
