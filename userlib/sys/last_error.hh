// The C library's way with errors, for those who want to see it: a call answers with -1, and a variable
// of the thread's own says why. It is per thread, since another thread's failure between the call and
// the look would else be taken for one's own. The library itself never looks at it: a Result is safer.
#pragma once

#include <cstdint>
#include <type_traits>

#include "core/base/result.hh"

namespace weft::sys {

// Why the last call that went through minus_one_on_error() in this thread failed.
inline constinit thread_local Errno last_error{};

template <typename T>
int64_t minus_one_on_error(const Result<T>& result) {
  if (!result) {
    last_error = result.error();
    return -1;
  }
  if constexpr (std::is_void_v<T>) {
    return 0;
  } else if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<int64_t>(*result);
  } else {
    return static_cast<int64_t>(*result);
  }
}

}  // namespace weft::sys
