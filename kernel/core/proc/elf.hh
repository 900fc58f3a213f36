// What the kernel needs to know of a program file: ELF, 64 bits, x86-64, static. The file may be
// damaged or mean harm, so everything is checked before it is believed.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "core/base/result.hh"
#include "core/mm/page_table.hh"

namespace weft::proc {

// A part of the file that becomes memory. What the file doesn't fill is zero.
struct Segment {
  VirtAddr address = 0;
  uint64_t offset = 0;
  uint64_t file_size = 0;
  uint64_t memory_size = 0;
  mm::Access access = mm::Access::none;
};

struct ProgramFile {
  static constexpr size_t k_most_segments = 16;

  bool is_position_independent = false;  // its addresses count from wherever it is put
  VirtAddr entry = 0;
  VirtAddr headers = 0;  // where its program headers are in memory; 0 if they are in no segment
  uint16_t header_count = 0;
  std::array<Segment, k_most_segments> segment_room{};
  size_t segment_count = 0;

  std::span<const Segment> segments() const { return std::span(segment_room).first(segment_count); }
  // The first and the last address (exclusive), in whole pages.
  VirtAddr begin() const;
  VirtAddr end() const;
};

// `head` is the file's beginning, up to a page; `size` that of the file. Errno::noexec if this is no
// program that can run here.
Result<ProgramFile> read_program(std::span<const std::byte> head, uint64_t size);

}  // namespace weft::proc
