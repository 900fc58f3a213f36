// Where the parts of the kernel image are: addresses that the linker script defines.
#pragma once

#include "core/base/types.hh"
#include "x86_64/address_space.hh"

extern "C" {
extern const char image_boot_start[];  // all of it, from here ...
extern const char image_text_start[], image_text_end[];
extern const char image_rodata_start[], image_rodata_end[];
extern const char image_data_start[], image_data_end[];
extern const char symbol_table_start[];
extern const char image_end[];  // ... to here
extern const char boot_stack_guard[];
}

namespace weft::x86 {

inline VirtAddr address_of(const char* symbol) { return reinterpret_cast<VirtAddr>(symbol); }
// Where in memory that part of the image lies.
inline uint64_t place_of(const char* symbol) { return address_of(symbol) - k_image_offset; }

}  // namespace weft::x86
