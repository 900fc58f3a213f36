// mmap of anonymous memory and munmap: what one gets, where, and what is refused.
#include "guest/support/fault.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"

namespace weft::guest {
namespace {

constexpr int k_private = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr int k_read_write = PROT_READ | PROT_WRITE;

char* map(size_t pages, int protection = k_read_write, int flags = k_private) {
  return reinterpret_cast<char*>(
      must("mmap", sys::mmap(nullptr, pages * k_page_size, protection, flags, -1, 0)));
}

bool all_zero(const char* bytes, size_t count) {
  for (size_t at = 0; at < count; ++at) {
    if (bytes[at] != 0) return false;
  }
  return true;
}

}  // namespace

GUEST_CASE(mmap_gives_zeros) {
  char* pages = map(10);
  check("the address is a page's", reinterpret_cast<uint64_t>(pages) % k_page_size == 0);
  check("all bytes are 0", all_zero(pages, 10 * k_page_size));
  pages[5 * k_page_size] = 'x';
  check("what is written stays", pages[5 * k_page_size] == 'x');
}

GUEST_CASE(mmap_of_bad_lengths_and_flags) {
  show("length 0", sys::mmap(nullptr, 0, PROT_READ, k_private, -1, 0));
  show("neither shared nor private", sys::mmap(nullptr, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0));
  show("more than there is", sys::mmap(nullptr, uint64_t{1} << 47, PROT_READ, k_private, -1, 0));
  show("the whole of 64 bits", sys::mmap(nullptr, ~uint64_t{0}, PROT_READ, k_private, -1, 0));
  show("no file", sys::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, -1, 0));
  show("an offset inside a page", sys::mmap(nullptr, 4096, PROT_READ, k_private, -1, 100));
  show("a fixed address inside a page",
       sys::mmap(0x10000001, 4096, PROT_READ, k_private | MAP_FIXED, -1, 0));
  show("a fixed address in the kernel's half",
       sys::mmap(k_kernel_pointer, 4096, PROT_READ, k_private | MAP_FIXED, -1, 0));
}

GUEST_CASE(mmap_length_is_rounded_up_to_pages) {
  catch_faults();
  char* pages = reinterpret_cast<char*>(
      must("mmap", sys::mmap(nullptr, 3 * 4096, k_read_write, k_private, -1, 0)));
  must("munmap", sys::munmap(pages, 3 * 4096));
  must("mmap", sys::mmap(pages, 4097, k_read_write, k_private | MAP_FIXED, -1, 0));
  show_write_of("the last byte of the second page", pages + 2 * 4096 - 1);
  show_write_of("the byte behind it", pages + 2 * 4096);
}

GUEST_CASE(mmap_takes_a_free_hint_and_avoids_a_used_one) {
  char* pages = map(4);
  must("munmap", sys::munmap(pages, 4 * k_page_size));
  check("a free hint is taken", sys::mmap(pages, k_page_size, k_read_write, k_private, -1, 0) ==
                                    static_cast<long>(reinterpret_cast<uint64_t>(pages)));
  const long other = sys::mmap(pages, k_page_size, k_read_write, k_private, -1, 0);
  check("a used one is not", other > 0 && reinterpret_cast<char*>(other) != pages);
}

GUEST_CASE(mmap_fixed_replaces_what_is_there) {
  char* pages = map(3);
  for (int at = 0; at < 3; ++at) pages[at * k_page_size] = static_cast<char>('a' + at);
  char* middle = pages + k_page_size;
  check("it comes where it is wanted",
        reinterpret_cast<char*>(
            sys::mmap(middle, k_page_size, k_read_write, k_private | MAP_FIXED, -1, 0)) == middle);
  show("the first page", pages[0]);
  show("the middle page, new", middle[0]);
  show("the last page", middle[k_page_size]);
}

GUEST_CASE(mmap_fixed_noreplace_refuses_what_is_there) {
  char* pages = map(2);
  pages[k_page_size] = 'k';
  show("over a mapping", sys::mmap(pages + k_page_size, k_page_size, k_read_write,
                                   k_private | MAP_FIXED_NOREPLACE, -1, 0));
  show("the byte is still there", pages[k_page_size]);
  must("munmap", sys::munmap(pages + k_page_size, k_page_size));
  check("into the hole", reinterpret_cast<char*>(sys::mmap(
                             pages + k_page_size, k_page_size, k_read_write,
                             k_private | MAP_FIXED_NOREPLACE, -1, 0)) == pages + k_page_size);
}

GUEST_CASE(mmap_prot_none_faults_and_has_no_cost) {
  catch_faults();
  const size_t size = size_t{512} << 30;
  char* pages = reinterpret_cast<char*>(
      must("mmap", sys::mmap(nullptr, size, PROT_NONE, k_private | MAP_NORESERVE, -1, 0)));
  show_read_of("its first byte", pages);
  show_read_of("its last byte", pages + size - 1);
  must("mprotect", sys::mprotect(pages + (size >> 1), k_page_size, k_read_write));
  show_write_of("one page in the middle of it, made writable", pages + (size >> 1));
  show("munmap", sys::munmap(pages, size));
}

GUEST_CASE(mmap_noreserve_is_lazy) {
  const size_t size = size_t{64} << 30;
  char* pages = reinterpret_cast<char*>(
      must("mmap", sys::mmap(nullptr, size, k_read_write, k_private | MAP_NORESERVE, -1, 0)));
  pages[0] = 'a';
  pages[size - 1] = 'z';
  check("both ends can be written", pages[0] == 'a' && pages[size - 1] == 'z');
}

GUEST_CASE(mmap_populate_fills_before_it_is_touched) {
  char* pages = map(8, k_read_write, k_private | MAP_POPULATE);
  unsigned char present[8] = {};
  show("mincore", sys::mincore(pages, 8 * k_page_size, present));
  int count = 0;
  for (const unsigned char one : present) count += one & 1;
  show("pages that are there", count);
}

GUEST_CASE(mmap_many_small_mappings) {
  // Every second page of a range, so that they can't be merged.
  char* pages = map(2000, PROT_NONE);
  long failed = 0;
  for (int at = 0; at < 2000; at += 2) {
    char* one = pages + at * k_page_size;
    const long result = sys::mmap(one, k_page_size, k_read_write, k_private | MAP_FIXED, -1, 0);
    failed += result < 0;
    *one = static_cast<char>(at);
  }
  show("failed", failed);
  long wrong = 0;
  for (int at = 0; at < 2000; at += 2) wrong += pages[at * k_page_size] != static_cast<char>(at);
  show("wrong bytes", wrong);
  show("munmap of all at once", sys::munmap(pages, 2000 * k_page_size));
}

GUEST_CASE(mmap_private_memory_is_copied_by_fork) {
  char* pages = map(2);
  pages[0] = 'p';
  pages[k_page_size] = 'p';
  show_child("child", [&] {
    check("the child sees its parent's byte", pages[0] == 'p');
    pages[0] = 'c';
    check("and its own when it has written", pages[0] == 'c');
  });
  check("the parent never sees the child's", pages[0] == 'p' && pages[k_page_size] == 'p');
}

GUEST_CASE(mmap_shared_memory_is_shared_by_fork) {
  char* pages = map(2, k_read_write, MAP_SHARED | MAP_ANONYMOUS);
  show_child("child", [&] {
    pages[0] = 'c';
    pages[k_page_size] = 'd';  // touched by nobody before
  });
  check("the parent sees what the child wrote", pages[0] == 'c' && pages[k_page_size] == 'd');
}

GUEST_CASE(mmap_copies_stay_apart_over_generations) {
  int* value = reinterpret_cast<int*>(map(1));
  *value = 1;
  show_child("child", [&] {
    *value += 1;
    show_child("grandchild", [&] {
      *value += 1;
      return *value;
    });
    return *value;
  });
  show("here", *value);
}

GUEST_CASE(munmap_makes_a_hole) {
  catch_faults();
  char* pages = map(3);
  show("munmap", sys::munmap(pages + k_page_size, k_page_size));
  show_write_of("the page before", pages);
  show_write_of("the hole", pages + k_page_size);
  show_write_of("the page behind", pages + 2 * k_page_size);
}

GUEST_CASE(munmap_of_nothing_and_of_nonsense) {
  char* pages = map(1);
  must("munmap", sys::munmap(pages, k_page_size));
  show("what isn't mapped", sys::munmap(pages, k_page_size));
  show("length 0", sys::munmap(pages, 0));
  show("an address inside a page", sys::munmap(pages + 1, k_page_size));
  show("the kernel's half", sys::munmap(k_kernel_pointer, k_page_size));
}

GUEST_CASE(munmap_over_several_mappings_and_gaps) {
  catch_faults();
  char* pages = map(7);
  must("munmap", sys::munmap(pages + 2 * k_page_size, k_page_size));
  must("mprotect", sys::mprotect(pages + 4 * k_page_size, k_page_size, PROT_READ));
  show("munmap pages 1 to 5", sys::munmap(pages + k_page_size, 5 * k_page_size));
  for (int at = 0; at < 7; ++at) {
    show_read_of(Text<10>("page {}", at).view(), pages + at * k_page_size);
  }
}

GUEST_CASE(munmap_of_the_own_stack_is_fatal) {
  show_child("child", [] {
    const auto here = reinterpret_cast<uint64_t>(__builtin_frame_address(0)) & ~uint64_t{4095};
    sys::munmap(here - 64 * k_page_size, 128 * k_page_size);
    return 0;
  });
}

GUEST_CASE(mmap_memory_is_given_back_and_zeroed) {
  // Far more than the machine has, in turn: each page must come back, and come back as zeros.
  bool clean = true;
  for (int round = 0; round < 64; ++round) {
    char* pages = map(256);
    for (int at = 0; at < 256; ++at) {
      clean = clean && pages[at * k_page_size + 7] == 0;
      pages[at * k_page_size + 7] = 'x';
    }
    must("munmap", sys::munmap(pages, 256 * k_page_size));
  }
  check("all pages came as zeros", clean);
}

}  // namespace weft::guest
