// The names of the kernel's functions, from the table that tools/build/symbols.py puts into the
// image.
#pragma once

#include <string_view>

#include "core/base/types.hh"

namespace weft::x86 {

struct Symbol {
  std::string_view name;  // empty if the address is in no function
  uint64_t offset = 0;    // from the function's beginning
};

Symbol find_symbol(VirtAddr address);

}  // namespace weft::x86
