// The types of system-call arguments, as handlers see them, and how they come out of registers.
#pragma once

#include <array>
#include <cstdint>

#include "abi/constants.hh"
#include "core/abi/abi.hh"
#include "core/base/registers.hh"
#include "core/base/result.hh"
#include "core/mm/user_memory.hh"
#include "core/proc/process.hh"
#include "core/proc/user_thread.hh"

namespace weft::syscall {

using mm::UserIn;
using mm::UserInOut;
using mm::UserOut;

// A descriptor's number, not yet looked up.
struct Fd {
  int32_t number;
};
// The address of a text.
struct UserPath {
  VirtAddr address;
};
// The address of a list of texts' addresses that ends with a zero.
struct UserStrings {
  VirtAddr address;
};

using Context = proc::CallContext;
using proc::Restart;

using RawArguments = std::array<uint64_t, 6>;

struct Call {
  Result<uint64_t> (*run)(Context&, const RawArguments&);
  Restart restart;
  bool all_registers;  // it copies or changes all of the program's
};

template <typename T>
T argument(uint64_t raw) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(raw);
  } else if constexpr (std::is_same_v<T, Fd>) {
    return Fd{static_cast<int32_t>(raw)};
  } else {
    return T{static_cast<VirtAddr>(raw)};
  }
}

}  // namespace weft::syscall
