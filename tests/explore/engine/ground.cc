#include "explore/engine/ground.hh"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// The linker's names for the ends of the sections that core_sections.hh makes.
extern "C" char __start_core_bss[];
extern "C" char __stop_core_bss[];
extern "C" char __start_core_data[];
extern "C" char __stop_core_data[];

namespace weft::explore {
namespace {

constexpr size_t k_page = 4096;
constexpr size_t k_arena_pages = (Ground::k_end - Ground::k_base) / k_page;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::abort();
}

uintptr_t address_of(const char* place) { return reinterpret_cast<uintptr_t>(place); }

}  // namespace

Ground ground;

void* reserve(size_t size) {
  void* place = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) give_up("no place for the shadow: mmap");
  return place;
}

void Ground::init() {
  void* place = mmap(reinterpret_cast<void*>(k_base), k_end - k_base, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (place != reinterpret_cast<void*>(k_base)) give_up("no place for the arena: mmap");
  sections_ = {{{address_of(__start_core_data), address_of(__stop_core_data)},
                {address_of(__start_core_bss), address_of(__stop_core_bss)}}};
  image_begin_ = std::min(sections_[0].begin, sections_[1].begin) / k_page * k_page;
  image_size_ = std::max(sections_[0].end, sections_[1].end) - image_begin_;
  const size_t pages = k_arena_pages + (image_size_ + k_page - 1) / k_page;
  dirty_.resize(pages);
  dirty_list_.reserve(pages);  // it grows while scenarios run
  saved_pages_.resize(pages);
  saved_stacks_.resize(k_most_fibers);
  // What the image's variables hold before main() is not zero everywhere: it is saved with the rest.
  for (size_t page = k_arena_pages; page < pages; ++page) {
    dirty_[page] = 1;
    dirty_list_.push_back(static_cast<uint32_t>(page));
  }
}

void Ground::note_write(uintptr_t address, size_t size) {
  if (size == 0) return;
  for (uintptr_t at = address / k_page * k_page; at < address + size; at += k_page) {
    const size_t number = granule(std::max(at, address));
    if (number != k_elsewhere) note_write(number);
  }
}

void* Ground::allocate(size_t size) {
  const uintptr_t place = heap_top_;
  heap_top_ += (std::max<size_t>(size, 1) + 15) / 16 * 16;
  if (heap_top_ > k_stacks) give_up("the scenario's heap is full");
  return reinterpret_cast<void*>(place);
}

Fiber& Ground::make_fiber(void (*entry)(void*), void* argument) {
  if (fiber_count_ == k_most_fibers) give_up("too many fibers");
  Fiber& fiber = fibers_[fiber_count_++];
  init_fiber(fiber, k_stacks + fiber_count_ * k_stack_size, entry, argument);
  return fiber;
}

uintptr_t Ground::take_stack() {
  if (fiber_count_ == k_most_fibers) give_up("too many stacks");
  return k_stacks + ++fiber_count_ * k_stack_size;
}

Ground::Section Ground::part_of_page(uint32_t page) const {
  if (page < k_arena_pages) {
    const uintptr_t begin = k_base + page * k_page;
    // Stacks are saved and put back apart.
    return begin >= k_stacks ? Section{begin, begin} : Section{begin, begin + k_page};
  }
  const uintptr_t begin = image_begin_ + (page - k_arena_pages) * k_page;
  Section part{begin + k_page, begin};
  for (const Section& section : sections_) {
    if (section.end <= begin || section.begin >= begin + k_page) continue;
    part.begin = std::min(part.begin, std::max(section.begin, begin));
    part.end = std::max(part.end, std::min(section.end, begin + k_page));
  }
  return part.begin < part.end ? part : Section{begin, begin};
}

void Ground::save() {
  for (const uint32_t page : dirty_list_) {
    const Section part = part_of_page(page);
    const auto* bytes = reinterpret_cast<const char*>(part.begin);
    saved_pages_[page].assign(bytes, bytes + (part.end - part.begin));
    dirty_[page] = 0;
  }
  dirty_list_.clear();
  for (size_t i = 0; i < fiber_count_; ++i) {
    const auto* bytes = static_cast<const char*>(fibers_[i].stack_pointer);
    saved_stacks_[i].assign(bytes, reinterpret_cast<const char*>(fibers_[i].stack_top));
  }
  saved_fibers_ = fibers_;
  saved_fiber_count_ = fiber_count_;
  saved_heap_top_ = heap_top_;
}

void Ground::restore() {
  for (const uint32_t page : dirty_list_) {
    const Section part = part_of_page(page);
    auto* place = reinterpret_cast<char*>(part.begin);
    if (saved_pages_[page].empty()) {
      std::memset(place, 0, part.end - part.begin);
    } else {
      std::memcpy(place, saved_pages_[page].data(), part.end - part.begin);
    }
    dirty_[page] = 0;
  }
  dirty_list_.clear();
  fibers_ = saved_fibers_;
  fiber_count_ = saved_fiber_count_;
  heap_top_ = saved_heap_top_;
  for (size_t i = 0; i < fiber_count_; ++i) {
    std::memcpy(fibers_[i].stack_pointer, saved_stacks_[i].data(), saved_stacks_[i].size());
  }
}

uint64_t Ground::digest() const {
  uint64_t digest = 14695981039346656037u;
  const auto add = [&](uintptr_t begin, uintptr_t end) {
    for (uintptr_t at = begin; at < end; at += sizeof(uint64_t)) {
      uint64_t word = 0;
      std::memcpy(&word, reinterpret_cast<const void*>(at), std::min(sizeof word, end - at));
      digest = (digest ^ word) * 1099511628211u;
    }
  };
  add(k_heap, k_heap + k_heap_size);
  add(k_memory, k_memory + k_memory_size);
  for (const Section& section : sections_) add(section.begin, section.end);
  for (size_t i = 0; i < fiber_count_; ++i) {
    add(reinterpret_cast<uintptr_t>(fibers_[i].stack_pointer), fibers_[i].stack_top);
  }
  return digest;
}

}  // namespace weft::explore
