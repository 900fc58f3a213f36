// getdents64: what a listing has, in pieces, while the folder changes.
#include "guest/support/files.hh"
#include "guest/support/names.hh"
#include "guest/support/process.hh"

namespace weft::guest {
namespace {

constexpr int k_many = 300;

Text<20> name_of(int index) { return Text<20>("file{:03}", index); }

// Lists the folder in pieces of that size, and calls `visit` for each entry.
template <typename Visit>
void list(int fd, size_t piece, Visit visit) {
  alignas(8) char buffer[4096];
  for (;;) {
    const long length = must("getdents64", sys::getdents64(fd, buffer, piece));
    if (length == 0) return;
    for (long at = 0; at < length;) {
      const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      visit(*entry);
      at += entry->length;
    }
  }
}

// The number in "file123", or -1.
int index_of(const char* name) {
  const std::string_view text(name);
  if (text.size() != 7 || !text.starts_with("file")) return -1;
  return (text[4] - '0') * 100 + (text[5] - '0') * 10 + (text[6] - '0');
}

}  // namespace

GUEST_CASE(listing_of_an_empty_folder_has_two_names) {
  must("mkdir", sys::mkdir("folder", 0755));
  int dots = 0;
  int others = 0;
  list(open_or_end("folder", O_RDONLY), 4096, [&](const DirectoryEntry& entry) {
    const std::string_view name(entry.name);
    (name == "." || name == "..") ? ++dots : ++others;
  });
  say("{} and {}", dots, others);
}

GUEST_CASE(listing_has_kinds_and_inodes) {
  write_file("file", "x");
  must("mkdir", sys::mkdir("folder", 0755));
  must("symlink", sys::symlink("x", "link"));
  must("mknod", sys::mknod("fifo", S_IFIFO | 0644, 0));
  int kinds[4] = {};
  bool inodes_agree = true;
  list(open_or_end(".", O_RDONLY), 4096, [&](const DirectoryEntry& entry) {
    const std::string_view name(entry.name);
    if (name == "file") kinds[0] = entry.type;
    if (name == "folder") kinds[1] = entry.type;
    if (name == "link") kinds[2] = entry.type;
    if (name == "fifo") kinds[3] = entry.type;
    struct stat status{};
    sys::lstat(entry.name, &status);
    if (name != "..") inodes_agree = inodes_agree && status.st_ino == entry.inode;
  });
  say("file {}, folder {}, link {}, fifo {}", kinds[0], kinds[1], kinds[2], kinds[3]);
  check("the inodes are stat's", inodes_agree);
}

GUEST_CASE(listing_in_small_pieces_shows_each_name_once) {
  for (int index = 0; index < k_many; ++index) write_file(name_of(index).c_str(), "");
  for (const size_t piece : {64, 100, 500, 4096}) {
    int seen[k_many] = {};
    list(open_or_end(".", O_RDONLY), piece, [&](const DirectoryEntry& entry) {
      if (const int index = index_of(entry.name); index >= 0) ++seen[index];
    });
    int once = 0;
    for (const int times : seen) once += times == 1;
    say("pieces of {}: {} names", piece, once);
  }
}

GUEST_CASE(listing_again_after_lseek) {
  write_file("file000", "");
  const int fd = open_or_end(".", O_RDONLY);
  for (int round = 0; round < 2; ++round) {
    int count = 0;
    list(fd, 4096, [&](const DirectoryEntry&) { ++count; });
    show("names", count);
    alignas(8) char buffer[100];
    show("at the end", sys::getdents64(fd, buffer, sizeof buffer));
    show("back to the start", sys::lseek(fd, 0, SEEK_SET));
  }
}

GUEST_CASE(listing_while_names_are_removed_shows_the_others) {
  // Each entry that is seen is removed at once: as `rm -r` does.
  for (int index = 0; index < k_many; ++index) write_file(name_of(index).c_str(), "");
  int removed = 0;
  list(open_or_end(".", O_RDONLY), 256, [&](const DirectoryEntry& entry) {
    if (index_of(entry.name) >= 0) removed += sys::unlink(entry.name) == 0;
  });
  show("removed", removed);
  show_names("left", ".");
}

GUEST_CASE(listing_while_others_are_removed_misses_no_name_that_stays) {
  for (int index = 0; index < k_many; ++index) write_file(name_of(index).c_str(), "");
  int seen[k_many] = {};
  int next_victim = 0;
  list(open_or_end(".", O_RDONLY), 200, [&](const DirectoryEntry& entry) {
    if (const int index = index_of(entry.name); index >= 0) ++seen[index];
    // Odd names go, one at each step.
    const int victim = next_victim++ * 2 + 1;
    if (victim < k_many) sys::unlink(name_of(victim).c_str());
  });
  int even = 0;
  int twice = 0;
  for (int index = 0; index < k_many; ++index) {
    even += index % 2 == 0 && seen[index] == 1;
    twice += seen[index] > 1;
  }
  say("even names seen: {}, seen twice: {}", even, twice);
}

GUEST_CASE(listing_of_a_removed_folder_is_empty) {
  must("mkdir", sys::mkdir("folder", 0755));
  const int fd = open_or_end("folder", O_RDONLY);
  must("rmdir", sys::rmdir("folder"));
  alignas(8) char buffer[200];
  show("getdents64", sys::getdents64(fd, buffer, sizeof buffer));
}

GUEST_CASE(listing_of_something_else) {
  write_file("file", "x");
  alignas(8) char buffer[200];
  show("a file", sys::getdents64(open_or_end("file", O_RDONLY), buffer, sizeof buffer));
  show("a device", sys::getdents64(open_or_end("/dev/null", O_RDONLY), buffer, sizeof buffer));
}

GUEST_CASE(listing_position_is_shared_by_duplicates) {
  const int fd = open_or_end(".", O_RDONLY);
  const int copy = static_cast<int>(must("dup", sys::dup(fd)));
  int count = 0;
  list(fd, 4096, [&](const DirectoryEntry&) { ++count; });
  list(copy, 4096, [&](const DirectoryEntry&) { ++count; });
  show("names", count);
}

}  // namespace weft::guest
