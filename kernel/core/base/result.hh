// Result<T>: a value or an errno. TRY(...): the value, or return the errno to the caller.
#pragma once

#include <expected>
#include <utility>

#include "core/base/errno.hh"

namespace weft {

template <typename T = void>
using Result = std::expected<T, Errno>;

inline std::unexpected<Errno> fail(Errno error) { return std::unexpected<Errno>(error); }

}  // namespace weft

// A statement expression, so that it can stand where its value is wanted:
//   auto frame = TRY(frames.allocate(0));
#define TRY(...)                                                                  \
  ({                                                                              \
    auto&& try_result_ = (__VA_ARGS__);                                           \
    if (!try_result_.has_value()) [[unlikely]]                                    \
      return ::std::unexpected<::weft::Errno>(try_result_.error());               \
    ::weft::detail::take_value(std::forward<decltype(try_result_)>(try_result_)); \
  })

namespace weft::detail {
template <typename T>
T take_value(std::expected<T, Errno>&& result) {
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
template <typename T>
T take_value(std::expected<T, Errno>& result) {
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
}  // namespace weft::detail
