// The memory that nobody uses yet, while the machine starts: first the page tables of the direct
// map and the CPUs' stacks are taken from it, then the rest goes to the kernel's page frames.
#pragma once

#include <array>
#include <span>

#include "core/base/types.hh"
#include "x86_64/boot_info.hh"

namespace weft::x86 {

class EarlyMemory {
 public:
  constexpr EarlyMemory() = default;

  // All usable memory but the first MiB (where old firmware habits live), the image and the initrd.
  void init(const BootInfo& info);

  // A zeroed frame below 4 GiB, which the boot page tables reach. Ends with one clear line on the
  // console if there is none.
  PhysAddr take_frame();

  // What is left. No frame is taken any more.
  std::span<const MemoryRegion> rest() const { return {regions_.data(), count_}; }

 private:
  static constexpr size_t k_room = MemoryMap::k_room + 8;

  void add(uint64_t begin, uint64_t end);
  void keep_out(uint64_t begin, uint64_t end);

  std::array<MemoryRegion, k_room> regions_{};
  size_t count_ = 0;
  size_t source_ = 0;  // the region that frames are taken from, at its end
};

}  // namespace weft::x86
