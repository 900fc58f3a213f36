// In the place of userlib/sys/raw_call.hh, in the explorer's build: threads without a kernel have a few
// calls all the same, which machine/userlib_calls.cc answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/base/result.hh"

namespace weft::sys {

int64_t explored_call(uint64_t number, uint64_t first, uint64_t second);

template <typename T>
inline uint64_t to_register(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<uint64_t>(value);
  } else {
    return static_cast<uint64_t>(static_cast<int64_t>(value));
  }
}

template <typename... Arguments>
inline int64_t raw_call(uint64_t number, Arguments... arguments) {
  const uint64_t registers[sizeof...(Arguments) + 2] = {to_register(arguments)...};
  return explored_call(number, registers[0], registers[1]);
}

template <typename T>
inline auto result(int64_t answer) -> Result<T> {
  if (answer < 0 && answer >= -4095) [[unlikely]]
    return fail(static_cast<Errno>(-answer));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<T>(answer);
  } else {
    return static_cast<T>(answer);
  }
}

}  // namespace weft::sys
