#include "x86_64/symbols.hh"

#include <algorithm>
#include <span>

#include "x86_64/image.hh"

namespace weft::x86 {
namespace {

struct Entry {
  uint32_t distance;  // from the image's base
  uint32_t name;      // offset among the names
};

// The layout is that of symbols.py: the number of entries, the entries, the names.
std::span<const Entry> entries() {
  const auto* count = reinterpret_cast<const uint32_t*>(symbol_table_start);
  return {reinterpret_cast<const Entry*>(count + 1), *count};
}

}  // namespace

Symbol find_symbol(VirtAddr address) {
  if (address < address_of(image_text_start) || address >= address_of(image_text_end)) return {};
  const auto table = entries();
  const auto behind = std::upper_bound(
      table.begin(), table.end(), address - k_image_offset,
      [](uint64_t distance, const Entry& entry) { return distance < entry.distance; });
  if (behind == table.begin()) return {};
  const Entry& found = *(behind - 1);
  const auto* names = reinterpret_cast<const char*>(table.data() + table.size());
  return {names + found.name, address - k_image_offset - found.distance};
}

}  // namespace weft::x86
