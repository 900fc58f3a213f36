// Files in memory: private and shared mappings of regular files.
#include "guest/support/files.hh"
#include "guest/support/fault.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"

namespace weft::guest {
namespace {

constexpr int k_read_write = PROT_READ | PROT_WRITE;

char* map_file(int fd, size_t length, int protection, int flags, long offset = 0) {
  return reinterpret_cast<char*>(
      must("mmap", sys::mmap(nullptr, length, protection, flags, fd, offset)));
}

// A file of that many pages; page n is full of the letter 'a' + n.
int lettered_file(int pages, long extra = 0) {
  const int fd = open_or_end("file", O_RDWR | O_CREAT | O_TRUNC);
  static char block[k_page_size];
  for (int at = 0; at < pages; ++at) {
    __builtin_memset(block, 'a' + at, sizeof block);
    must("write", sys::write(fd, block, sizeof block));
  }
  if (extra > 0) {
    __builtin_memset(block, 'z', sizeof block);
    must("write", sys::write(fd, block, extra));
  }
  return fd;
}

}  // namespace

GUEST_CASE(mmap_file_private_shows_the_file) {
  const int fd = lettered_file(3);
  const char* pages = map_file(fd, 3 * k_page_size, PROT_READ, MAP_PRIVATE);
  sys::close(fd);
  say("{}{}{}", pages[0], pages[k_page_size], pages[3 * k_page_size - 1]);
}

GUEST_CASE(mmap_file_private_writes_stay_private) {
  const int fd = lettered_file(1);
  char* page = map_file(fd, k_page_size, k_read_write, MAP_PRIVATE);
  page[0] = 'X';
  say("memory {}", page[0]);
  show_read("file", fd, 1);
  char byte;
  must("pread64", sys::pread64(fd, &byte, 1, 0));
  say("file {}", byte);
}

GUEST_CASE(mmap_file_private_needs_only_reading) {
  write_file("plain", "text");
  const int fd = open_or_end("plain", O_RDONLY);
  char* page = map_file(fd, k_page_size, k_read_write, MAP_PRIVATE);
  page[0] = 'T';
  say("{}", std::string_view(page, 4));
}

GUEST_CASE(mmap_file_offset_chooses_the_page) {
  const int fd = lettered_file(4);
  const char* pages = map_file(fd, 2 * k_page_size, PROT_READ, MAP_PRIVATE, 2 * k_page_size);
  say("{}{}", pages[0], pages[k_page_size]);
  show("an offset inside a page", sys::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd, 1));
}

GUEST_CASE(mmap_file_tail_of_the_last_page_is_zero) {
  const int fd = lettered_file(0, 10);
  const char* page = map_file(fd, k_page_size, PROT_READ, MAP_PRIVATE);
  say("byte 9 is {}", page[9]);
  check("byte 10 is 0", page[10] == 0);
  check("byte 4095 is 0", page[4095] == 0);
}

GUEST_CASE(mmap_file_beyond_its_end_is_sigbus) {
  catch_faults();
  const int fd = lettered_file(1, 10);
  char* pages = map_file(fd, 4 * k_page_size, PROT_READ, MAP_PRIVATE);
  show_read_of("the page with the end", pages + k_page_size);
  show_read_of("the page behind", pages + 2 * k_page_size);
  show_read_of("the last page", pages + 3 * k_page_size);
}

GUEST_CASE(mmap_file_truncated_under_a_mapping_is_sigbus) {
  catch_faults();
  const int fd = lettered_file(2);
  char* pages = map_file(fd, 2 * k_page_size, PROT_READ, MAP_PRIVATE);
  show_read_of("second page", pages + k_page_size);
  must("ftruncate", sys::ftruncate(fd, k_page_size));
  show_read_of("first page, after", pages);
  show_read_of("second page, after", pages + k_page_size);
}

GUEST_CASE(mmap_file_modes_must_fit) {
  write_file("file", "text");
  const int reader = open_or_end("file", O_RDONLY);
  const int writer = open_or_end("file", O_WRONLY);
  show("private from a writer", sys::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, writer, 0));
  show("shared writable from a reader",
       sys::mmap(nullptr, 4096, k_read_write, MAP_SHARED, reader, 0));
  show("a bad descriptor", sys::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, 99, 0));
  const int folder = open_or_end(".", O_RDONLY);
  show("a folder", sys::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, folder, 0));
  int ends[2];
  must("pipe", sys::pipe(ends));
  show("a pipe", sys::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, ends[0], 0));
}

GUEST_CASE(mmap_file_survives_unlink) {
  const int fd = lettered_file(1);
  const char* page = map_file(fd, k_page_size, PROT_READ, MAP_PRIVATE);
  must("unlink", sys::unlink("file"));
  sys::close(fd);
  say("{}", page[100]);
}

GUEST_CASE(mmap_file_private_copies_survive_fork) {
  const int fd = lettered_file(2);
  char* pages = map_file(fd, 2 * k_page_size, k_read_write, MAP_PRIVATE);
  pages[0] = 'P';
  show_child("child", [&] {
    say("the child sees {}{}", pages[0], pages[k_page_size]);
    pages[0] = 'C';
    pages[k_page_size] = 'C';
  });
  say("the parent sees {}{}", pages[0], pages[k_page_size]);
}

GUEST_CASE(mmap_dev_zero_is_anonymous_memory) {
  const int fd = open_or_end("/dev/zero", O_RDWR);
  char* page = map_file(fd, k_page_size, k_read_write, MAP_PRIVATE);
  check("zero", page[77] == 0);
  page[77] = 'x';
  check("and writable", page[77] == 'x');
}

}  // namespace weft::guest
