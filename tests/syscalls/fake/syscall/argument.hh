// In the place of the kernel's own, so that the dispatch can run on the host: arguments that only carry
// what the register held.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "abi/constants.hh"
#include "core/abi/abi.hh"
#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::syscall {

struct Context {};
using RawArguments = std::array<uint64_t, 6>;

enum class Restart { never_waits, if_action_says, always, without_handler, by_restart_call, never };

struct Call {
  Result<uint64_t> (*run)(Context&, const RawArguments&);
  Restart restart;
  bool all_registers;
};

struct Address {
  uint64_t raw;
};
struct Fd {
  int32_t raw;
};
struct UserPath : Address {};
struct UserStrings : Address {};
template <typename T>
struct UserIn : Address {};
template <typename T>
struct UserOut : Address {};
template <typename T>
struct UserInOut : Address {};

template <typename T>
T argument(uint64_t raw) {
  if constexpr (std::is_base_of_v<Address, T>) {
    return T{{raw}};
  } else if constexpr (std::is_same_v<T, Fd>) {
    return Fd{static_cast<int32_t>(raw)};
  } else {
    return static_cast<T>(raw);
  }
}

}  // namespace weft::syscall
