// mremap, madvise, mincore, brk.
#include "guest/support/fault.hh"
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"

namespace weft::guest {
namespace {

constexpr int k_read_write = PROT_READ | PROT_WRITE;

}  // namespace

GUEST_CASE(madvise_dontneed_gives_zeros_again) {
  Pages pages(3);
  for (int at = 0; at < 3; ++at) pages.page(at)[0] = 'x';
  show("madvise", sys::madvise(pages.page(1), k_page_size, MADV_DONTNEED));
  show("first page", pages.page(0)[0]);
  show("second page", pages.page(1)[0]);
  show("third page", pages.page(2)[0]);
}

GUEST_CASE(madvise_dontneed_of_a_private_file_shows_the_file_again) {
  write_file("file", "original");
  const int fd = open_or_end("file", O_RDONLY);
  char* page = reinterpret_cast<char*>(
      must("mmap", sys::mmap(nullptr, k_page_size, k_read_write, MAP_PRIVATE, fd, 0)));
  page[0] = 'O';
  show("madvise", sys::madvise(page, k_page_size, MADV_DONTNEED));
  say("{}", std::string_view(page, 8));
}

GUEST_CASE(madvise_dontneed_of_shared_memory_keeps_it) {
  char* page = reinterpret_cast<char*>(must(
      "mmap", sys::mmap(nullptr, k_page_size, k_read_write, MAP_SHARED | MAP_ANONYMOUS, -1, 0)));
  page[0] = 's';
  show("madvise", sys::madvise(page, k_page_size, MADV_DONTNEED));
  check("the byte is still there", page[0] == 's');
}

GUEST_CASE(madvise_free_keeps_what_is_written_afterwards) {
  Pages pages(2);
  pages.page(0)[0] = 'o';
  show("madvise", sys::madvise(pages.page(0), pages.size(), MADV_FREE));
  pages.page(0)[0] = 'n';
  check("the new byte stays", pages.page(0)[0] == 'n');
  const char other = pages.page(1)[0];
  check("an untouched page is zero", other == 0);
}

GUEST_CASE(madvise_hints_are_accepted) {
  Pages pages(2);
  pages.page(0)[0] = 'x';
  for (const int advice : {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED}) {
    show(Text<20>("advice {}", advice).view(), sys::madvise(pages.page(0), pages.size(), advice));
  }
  check("and change nothing", pages.page(0)[0] == 'x');
}

GUEST_CASE(madvise_errors) {
  Pages pages(3);
  must("munmap", sys::munmap(pages.page(1), k_page_size));
  show("an unknown advice", sys::madvise(pages.page(0), k_page_size, 12345));
  show("an address inside a page", sys::madvise(pages.page(0) + 1, k_page_size, MADV_NORMAL));
  show("length 0", sys::madvise(pages.page(0), 0, MADV_DONTNEED));
  show("a length that wraps", sys::madvise(pages.page(0), ~uint64_t{0}, MADV_DONTNEED));
  pages.page(2)[0] = 'x';
  show("a hole in it", sys::madvise(pages.page(0), pages.size(), MADV_DONTNEED));
  show("but what is behind the hole was done", pages.page(2)[0]);
}

GUEST_CASE(mremap_shrinks_in_place) {
  catch_faults();
  Pages pages(4);
  pages.page(0)[0] = 'a';
  check("mremap", reinterpret_cast<char*>(sys::mremap(pages.page(0), 4 * k_page_size,
                                                      2 * k_page_size, 0)) == pages.page(0));
  show_read_of("the second page", pages.page(1));
  show_read_of("the third page", pages.page(2));
}

GUEST_CASE(mremap_grows_in_place_where_there_is_room) {
  Pages pages(4);
  pages.page(0)[0] = 'a';
  must("munmap", sys::munmap(pages.page(1), 3 * k_page_size));
  check("mremap", reinterpret_cast<char*>(sys::mremap(pages.page(0), k_page_size, 3 * k_page_size,
                                                      0)) == pages.page(0));
  check("old content and new zeros", pages.page(0)[0] == 'a' && pages.page(2)[0] == 0);
}

GUEST_CASE(mremap_moves_when_it_may) {
  catch_faults();
  Pages pages(3);
  pages.page(0)[0] = 'a';
  show("not allowed to move", sys::mremap(pages.page(0), k_page_size, 8 * k_page_size, 0));
  char* moved = reinterpret_cast<char*>(
      must("mremap", sys::mremap(pages.page(0), k_page_size, 8 * k_page_size, MREMAP_MAYMOVE)));
  check("it is elsewhere", moved != pages.page(0));
  check("with the old content, and zeros", moved[0] == 'a' && moved[7 * k_page_size] == 0);
  show_read_of("the old place", pages.page(0));
  show_read_of("the page behind it", pages.page(1));
}

GUEST_CASE(mremap_fixed_moves_there) {
  Pages pages(2);
  Pages target(2);
  pages.page(0)[0] = 'a';
  target.page(0)[0] = 't';
  check("mremap", reinterpret_cast<char*>(sys::mremap(pages.page(0), k_page_size, k_page_size,
                                                      MREMAP_MAYMOVE | MREMAP_FIXED,
                                                      target.page(0))) == target.page(0));
  say("{}", target.page(0)[0]);
}

GUEST_CASE(mremap_errors) {
  Pages pages(3);
  must("munmap", sys::munmap(pages.page(1), k_page_size));
  show("inside a page", sys::mremap(pages.page(0) + 1, k_page_size, k_page_size, 0));
  show("new length 0", sys::mremap(pages.page(0), k_page_size, 0, 0));
  show("unknown flags", sys::mremap(pages.page(0), k_page_size, k_page_size, 64));
  show("fixed without maymove",
       sys::mremap(pages.page(0), k_page_size, k_page_size, MREMAP_FIXED, pages.page(2)));
  show("what isn't mapped", sys::mremap(pages.page(1), k_page_size, 2 * k_page_size, 0));
  show("fixed onto itself", sys::mremap(pages.page(0), k_page_size, k_page_size,
                                        MREMAP_MAYMOVE | MREMAP_FIXED, pages.page(0)));
}

GUEST_CASE(mincore_knows_what_was_touched) {
  Pages pages(4);
  pages.page(1)[0] = 'x';
  unsigned char present[4] = {9, 9, 9, 9};
  show("mincore", sys::mincore(pages.page(0), pages.size(), present));
  say("{} {} {} {}", present[0] & 1, present[1] & 1, present[2] & 1, present[3] & 1);
  show("inside a page", sys::mincore(pages.page(0) + 1, 1, present));
  show("a bad vector", sys::mincore(pages.page(0), pages.size(), k_bad_pointer));
  must("munmap", sys::munmap(pages.page(3), k_page_size));
  show("a hole in it", sys::mincore(pages.page(0), pages.size(), present));
}

GUEST_CASE(msync_accepts_mappings_and_checks_its_flags) {
  Pages pages(2);
  show("MS_SYNC", sys::msync(pages.page(0), pages.size(), MS_SYNC));
  show("MS_ASYNC", sys::msync(pages.page(0), pages.size(), MS_ASYNC));
  show("both", sys::msync(pages.page(0), pages.size(), MS_SYNC | MS_ASYNC));
  show("unknown", sys::msync(pages.page(0), pages.size(), 64));
  show("inside a page", sys::msync(pages.page(0) + 1, 1, MS_SYNC));
  must("munmap", sys::munmap(pages.page(1), k_page_size));
  show("a hole", sys::msync(pages.page(0), 2 * k_page_size, MS_SYNC));
}

GUEST_CASE(brk_grows_and_shrinks) {
  catch_faults();
  const long start = sys::brk(0);
  check("brk(0) says where it is", start > 0 && sys::brk(0) == start);
  check("it grows", sys::brk(start + 10'000) == start + 10'000);
  auto* bytes = reinterpret_cast<char*>(start);
  bytes[9'999] = 'x';
  check("the new bytes are zeros", bytes[5'000] == 0);
  check("it shrinks", sys::brk(start) == start);
  auto* page_behind = reinterpret_cast<char*>((start + 8'191) & ~4'095L);
  show_read_of("what was behind", page_behind);
  check("it grows again", sys::brk(start + 10'000) == start + 10'000);
  check("with zeros", bytes[9'999] == 0);
}

GUEST_CASE(brk_refuses_nonsense_by_not_moving) {
  const long start = sys::brk(0);
  check("below its start", sys::brk(4096) == start);
  check("into the kernel's half", sys::brk(k_kernel_pointer) == start);
  check("more than there is", sys::brk(start + (1L << 46)) == start);
}

GUEST_CASE(brk_does_not_run_into_a_mapping) {
  const long start = (sys::brk(0) + 4'095) & ~4'095L;
  must("brk", sys::brk(start));
  must("mmap", sys::mmap(start + 4 * 4096, 4096, k_read_write,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  check("up to it", sys::brk(start + 4096) == start + 4096);
  check("over it", sys::brk(start + 16 * 4096) == start + 4096);
}

GUEST_CASE(brk_is_inherited_and_then_ones_own) {
  const long start = sys::brk(0);
  must("brk", sys::brk(start + 4096));
  *reinterpret_cast<char*>(start) = 'p';
  show_child("child", [&] {
    check("the child starts where its parent was", sys::brk(0) == start + 4096);
    *reinterpret_cast<char*>(start) = 'c';
    sys::brk(start + 8192);
  });
  check("the parent's is unchanged",
        sys::brk(0) == start + 4096 && *reinterpret_cast<char*>(start) == 'p');
}

GUEST_CASE(rlimit_as_limits_all_mappings) {
  show_child("child", [] {
    const rlimit limit{64 << 20, 64 << 20};
    must("prlimit64", sys::prlimit64(0, RLIMIT_AS, &limit, nullptr));
    show("128 MiB",
         sys::mmap(nullptr, 128 << 20, k_read_write, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    check("1 MiB",
          sys::mmap(nullptr, 1 << 20, k_read_write, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) > 0);
    const long start = sys::brk(0);
    check("brk doesn't move", sys::brk(start + (128 << 20)) == start);
  });
}

GUEST_CASE(rlimit_data_is_about_all_private_writable_memory) {
  show_child("child", [] {
    constexpr size_t k_size = 32 << 20;
    const rlimit64 limit{16 << 20, 16 << 20};
    must("prlimit64", sys::prlimit64(0, RLIMIT_DATA, &limit, nullptr));
    const auto map = [](int access, int flags) {
      return sys::mmap(nullptr, k_size, access, flags | MAP_ANONYMOUS, -1, 0);
    };
    show("private and writable", map(PROT_READ | PROT_WRITE, MAP_PRIVATE));
    check("shared and writable", map(PROT_READ | PROT_WRITE, MAP_SHARED) > 0);
    const long readable = map(PROT_READ, MAP_PRIVATE);
    check("private and readable", readable > 0);
    show("made writable", sys::mprotect(readable, k_size, PROT_READ | PROT_WRITE));
    show("a part of it", sys::mprotect(readable, 4096, PROT_READ | PROT_WRITE));
    const long moved =
        sys::mmap(nullptr, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check("what fits", moved > 0);
    show("grown too far", sys::mremap(moved, 8 << 20, k_size, MREMAP_MAYMOVE, 0));
  });
}

GUEST_CASE(rlimit_data_limits_brk) {
  show_child("child", [] {
    const rlimit limit{1 << 20, 1 << 20};
    must("prlimit64", sys::prlimit64(0, RLIMIT_DATA, &limit, nullptr));
    const long start = sys::brk(0);
    check("2 MiB more", sys::brk(start + (2 << 20)) == start);
  });
}

GUEST_CASE(madvise_guard_pages) {
  constexpr int k_guard_install = 102;
  constexpr int k_guard_remove = 103;
  catch_faults();
  Pages pages(3);
  for (int at = 0; at < 3; ++at) pages.page(at)[0] = 'x';
  show("install", sys::madvise(pages.page(1), k_page_size, k_guard_install));
  show_read_of("before", pages.page(0));
  show_read_of("the guard", pages.page(1));
  show_write_of("the guard", pages.page(1));
  show_read_of("behind", pages.page(2));
  show("a call that writes there", sys::pipe(pages.page(1)));
  show("remove", sys::madvise(pages.page(1), k_page_size, k_guard_remove));
  show_read_of("no guard", pages.page(1));
  show("the content is gone", pages.page(1)[0]);
}

GUEST_CASE(madvise_guard_pages_survive_mprotect_and_fork) {
  constexpr int k_guard_install = 102;
  catch_faults();
  Pages pages(1);
  must("madvise", sys::madvise(pages.page(0), k_page_size, k_guard_install));
  must("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_READ));
  must("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_READ | PROT_WRITE));
  show_read_of("after mprotect", pages.page(0));
  show_child("child", [&] { show_read_of("in a child", pages.page(0)); });
}

GUEST_CASE(mlock_and_munlock_of_mappings) {
  Pages pages(2);
  unsigned char present[2] = {};
  show("mlock", sys::mlock(pages.page(0), pages.size()));
  must("mincore", sys::mincore(pages.page(0), pages.size(), present));
  check("the pages are there", (present[0] & present[1] & 1) != 0);
  show("munlock", sys::munlock(pages.page(0), pages.size()));
  must("munmap", sys::munmap(pages.page(1), k_page_size));
  show("over a hole", sys::mlock(pages.page(0), 2 * k_page_size));
  show("of nothing", sys::mlock(pages.page(0), 0));
}

}  // namespace weft::guest
