// BootInfo: what the loader told, in one form for all boot protocols. Everything is copied out of
// the loader's memory, but for the initial file system.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/types.hh"
#include "x86_64/memory_map.hh"

namespace weft::x86 {

struct BootInfo {
  static constexpr size_t k_longest_command_line = 2047;

  std::string_view protocol;  // "PVH" or "Multiboot2"
  std::string_view problem;   // why this can't be booted; empty if all is well
  MemoryMap memory;
  std::array<char, k_longest_command_line + 1> command_line_text{};
  size_t command_line_length = 0;
  PhysAddr initrd{};                 // a cpio archive
  uint64_t initrd_size = 0;          // 0 if there is none
  PhysAddr rsdp{};                   // where ACPI starts; 0 if the loader doesn't know
  std::array<char, 36> rsdp_copy{};  // what is there, if the loader gave only a copy

  std::string_view command_line() const { return {command_line_text.data(), command_line_length}; }
  void set_command_line(std::string_view text);
};

// Reads what the loader left. `info` is a static object. The boot page tables are in use: the first
// 4 GiB can be read.
void read_boot_info(BootInfo& info, uint32_t magic, PhysAddr left_by_loader);

}  // namespace weft::x86
