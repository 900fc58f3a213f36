// What may be done to memory, and where a user's addresses end: the words that the core and a machine
// share when a program touches a page.
#pragma once

#include "core/base/types.hh"

namespace weft::mm {

// What may be done to a page, or what somebody tried to do.
enum class Access : uint8_t { none = 0, read = 1, write = 2, execute = 4 };
constexpr Access operator|(Access a, Access b) {
  return static_cast<Access>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool allows(Access access, Access wanted) {
  return (static_cast<unsigned>(wanted) & ~static_cast<unsigned>(access)) == 0;
}

constexpr Access without_write(Access access) {
  return static_cast<Access>(static_cast<unsigned>(access) & ~static_cast<unsigned>(Access::write));
}

inline constexpr VirtAddr k_user_end = 0x7fff'ffff'f000;  // the first address that is not a user's

}  // namespace weft::mm
