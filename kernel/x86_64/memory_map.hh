// What memory the machine has, as the firmware tells it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/base/types.hh"

namespace weft::x86 {

// The numbers are those of BIOS call e820, which all boot protocols took over.
enum class MemoryKind : uint32_t {
  usable = 1,
  reserved = 2,
  acpi_tables = 3,
  acpi_storage = 4,
  broken = 5
};

struct MemoryRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  MemoryKind kind = MemoryKind::reserved;
};

// The ranges by rising address. Where the firmware's ranges overlap, as some do, nothing that is
// not usable counts as usable.
class MemoryMap {
 public:
  static constexpr size_t k_room = 256;

  constexpr MemoryMap() = default;

  // False if there is no room for another range.
  bool add(uint64_t begin, uint64_t size, MemoryKind kind);
  // Sorts, clips and merges. Once, after the last add().
  void finish();

  std::span<const MemoryRange> ranges() const { return {ranges_.data(), count_}; }
  uint64_t usable_bytes() const;

 private:
  void remove_empty();

  std::array<MemoryRange, k_room> ranges_{};
  size_t count_ = 0;
};

}  // namespace weft::x86
