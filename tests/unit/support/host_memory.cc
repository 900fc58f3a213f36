#include "unit/support/host_memory.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>

#include "core/hal.hh"

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif

namespace weft::host {
namespace {

constexpr size_t k_area_size = size_t{4} << 30;
// One page table of the real machine serves so many bytes.
constexpr size_t k_table_reach = size_t{512} * k_page_size;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::abort();
}

char* reserve(size_t size) {
  void* place = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) give_up("host memory: mmap");
  return static_cast<char*>(place);
}

void make_unreachable(char* place, size_t size) {
  if (mmap(place, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
           0) == MAP_FAILED) {
    give_up("host memory: mmap");
  }
}

class Memory {
 public:
  Memory() : file_(memfd_create("weft-memory", 0)) {
    if (file_ < 0) give_up("host memory: memfd_create");
    direct_map_ = reserve(k_largest_memory);
    area_ = reserve(k_area_size);
    reset(size_t{64} << 20);
  }

  void reset(size_t size) {
    if (size > k_largest_memory) give_up("host memory: too large");
    if (size == size_) {
      // The pages go, the mapping stays: most machines are like the one before.
      if (fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                    static_cast<off_t>(size)) != 0) {
        give_up("host memory: fallocate");
      }
    } else {
      map_anew(size);
    }
    const std::lock_guard guard(mutex_);
    if (mapped_ != 0) make_unreachable(area_, k_area_size);
    mapped_ = 0;
    tables_.clear();
  }

  size_t size() const { return size_; }
  char* direct_map() const { return direct_map_; }
  hal::Area area() const { return {reinterpret_cast<VirtAddr>(area_), k_area_size}; }

  Result<> map(VirtAddr address, PhysAddr frame) {
    check(address);
    TRY(add_table(address));
    const auto offset = static_cast<off_t>(raw(frame) - raw(k_memory_base));
    if (mmap(reinterpret_cast<void*>(address), k_page_size, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_FIXED, file_, offset) == MAP_FAILED) {
      return fail(Errno::nomem);  // the host's limit on mappings
    }
#if __has_feature(address_sanitizer)
    __asan_unpoison_memory_region(reinterpret_cast<void*>(address), k_page_size);
#endif
    const std::lock_guard guard(mutex_);
    ++mapped_;
    return {};
  }

  void unmap(VirtAddr address) {
    check(address);
    make_unreachable(reinterpret_cast<char*>(address), k_page_size);
    const std::lock_guard guard(mutex_);
    --mapped_;
  }

  size_t mapped() {
    const std::lock_guard guard(mutex_);
    return mapped_;
  }

 private:
  void map_anew(size_t size) {
    make_unreachable(direct_map_, k_largest_memory);
    // Cut to nothing first: so all of it reads as zeros again.
    if (ftruncate(file_, 0) != 0 || ftruncate(file_, static_cast<off_t>(size)) != 0) {
      give_up("host memory: ftruncate");
    }
    if (mmap(direct_map_, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file_, 0) ==
        MAP_FAILED) {
      give_up("host memory: mmap");
    }
    size_ = size;
  }

  void check(VirtAddr address) const {
    const auto base = reinterpret_cast<VirtAddr>(area_);
    if (address % k_page_size != 0 || address < base || address - base >= k_area_size) {
      hal::stop("a kernel mapping outside of the kernel's area");
    }
  }

  // The host needs no page tables; it asks for their frames as the real machine does, so that the
  // core's side of it is tested: the frame is taken first, and given back if another CPU was quicker.
  Result<> add_table(VirtAddr address) {
    const VirtAddr reach = address / k_table_reach;
    {
      const std::lock_guard guard(mutex_);
      if (tables_.contains(reach)) return {};
    }
    const PhysAddr frame = TRY(upcall::table_frame());
    bool added = false;
    {
      const std::lock_guard guard(mutex_);
      added = tables_.insert(reach).second;
    }
    if (!added) upcall::return_table_frame(frame);
    return {};
  }

  int file_;
  char* direct_map_ = nullptr;
  char* area_ = nullptr;
  size_t size_ = 0;
  std::mutex mutex_;  // never held while the core runs
  size_t mapped_ = 0;
  std::set<VirtAddr> tables_;
};

Memory& memory() {
  static Memory the_memory;
  return the_memory;
}

}  // namespace

void reset_memory(size_t size) { memory().reset(size); }
size_t memory_size() { return memory().size(); }
size_t mapped_pages() { return memory().mapped(); }

}  // namespace weft::host

namespace weft::hal {

void zero_page(void* page) { std::memset(page, 0, k_page_size); }

void* phys_to_virt(PhysAddr address) {
  return host::memory().direct_map() + (raw(address) - raw(host::k_memory_base));
}

PhysAddr virt_to_phys(const void* pointer) {
  const auto distance = static_cast<const char*>(pointer) - host::memory().direct_map();
  return host::k_memory_base + static_cast<uint64_t>(distance);
}

Area kernel_area() { return host::memory().area(); }
Result<> map_kernel(VirtAddr address, PhysAddr frame) { return host::memory().map(address, frame); }
void unmap_kernel(VirtAddr address) { host::memory().unmap(address); }
// The host has done it already.
void flush_kernel(VirtAddr, size_t) {}

}  // namespace weft::hal
