// The kernel's page tables: made once at boot, and then changed only in the kernel area, by
// hal::map_kernel() and hal::unmap_kernel(). Four levels of tables, each of 512 entries:
//
//    address:  | sign | level 4 | level 3 | level 2 | level 1 | offset |
//    bits         16       9         9         9         9        12
//                          |         |         |         '- 4 KiB page
//                          |         |         '- a table, or a page of 2 MiB
//                          |         '- a table, or a page of 1 GiB
//                          '- a table
#pragma once

#include <cstdint>

#include "core/base/types.hh"
#include "x86_64/boot_info.hh"
#include "x86_64/early_memory.hh"

namespace weft::x86 {

// What may be done with a page of the kernel.
enum class Access : uint8_t { read, read_write, execute, device };

// Makes the kernel's page tables and switches this CPU to them. The boot tables are in use.
void build_kernel_tables(const BootInfo& info, EarlyMemory& memory);
// The root of those tables, for CR3.
PhysAddr kernel_root_table();

// Maps one frame in the machine area, for ever. While the machine starts, on the boot CPU.
void map_machine_page(VirtAddr address, PhysAddr frame, Access access, EarlyMemory& memory);
// The direct map has all memory, but not what the firmware calls reserved, where its tables may be:
// from now on these bytes can be read there, too.
void add_to_direct_map(PhysAddr begin, uint64_t size, EarlyMemory& memory);
// A device's registers at a place where they can be read and written, uncached. Within one page.
volatile void* map_device(PhysAddr registers, EarlyMemory& memory);

// Reading that address would not fault.
bool is_mapped(VirtAddr address);

}  // namespace weft::x86
