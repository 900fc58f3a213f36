// Where things are in the 48-bit address space. The lower half belongs to user processes, the upper
// half is the same for all of them: the kernel.
//
//   0xffffffffffffffff  +-----------------------------------------+
//                       | kernel image: text, rodata, data        |  linked here (boot/kernel.ld)
//   0xffffffff80000000  +-----------------------------------------+
//                       | ...                                     |
//                       +-----------------------------------------+
//                       | kernel area, 512 GiB: thread stacks     |  hal::map_kernel()
//   0xffffc90000000000  +-----------------------------------------+
//                       | machine area: CPUs' stacks, devices     |  cpu_stacks.cc, map_device()
//   0xffffc80000000000  +-----------------------------------------+
//                       | ...                                     |
//                       +-----------------------------------------+
//                       | direct map, up to 64 TiB: all memory    |  hal::phys_to_virt()
//   0xffff800000000000  +-----------------------------------------+
//                       | addresses that don't exist              |
//   0x0000800000000000  +-----------------------------------------+
//                       | user half: empty until there are        |
//                       | processes                               |
//   0x0000000000000000  +-----------------------------------------+
#pragma once

#include "core/base/types.hh"
#include "x86_64/boot_layout.hh"

namespace weft::x86 {

inline constexpr VirtAddr k_direct_map = 0xffff'8000'0000'0000;
inline constexpr uint64_t k_most_memory = uint64_t{64} << 40;
inline constexpr VirtAddr k_machine_area = 0xffff'c800'0000'0000;
inline constexpr VirtAddr k_kernel_area = 0xffff'c900'0000'0000;
inline constexpr size_t k_kernel_area_size = size_t{512} << 30;
inline constexpr VirtAddr k_image_offset = WEFT_IMAGE_OFFSET;

}  // namespace weft::x86
