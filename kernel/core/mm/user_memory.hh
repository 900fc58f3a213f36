// User memory, touched through types only: a user address can't be followed by mistake, and each
// touch says what happens when the address is bad. All of it concerns the running process.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include "core/base/result.hh"
#include "core/hal.hh"
#include "core/mm/page_table.hh"

namespace weft::mm {

// The range lies below the user's end, so that it can't reach the kernel's half.
constexpr bool is_user_range(VirtAddr address, size_t size) {
  VirtAddr end = 0;
  return !__builtin_add_overflow(address, size, &end) && end <= k_user_end;
}

// All or nothing. Errno::fault.
inline Result<> copy_from_user(void* to, VirtAddr from, size_t size) {
  if (!is_user_range(from, size) || hal::copy_from_user(to, from, size) != 0) {
    return fail(Errno::fault);
  }
  return {};
}
inline Result<> copy_to_user(VirtAddr to, const void* from, size_t size) {
  if (!is_user_range(to, size) || hal::copy_to_user(to, from, size) != 0) {
    return fail(Errno::fault);
  }
  return {};
}
inline Result<> clear_user(VirtAddr to, size_t size) {
  if (!is_user_range(to, size) || hal::clear_user(to, size) != 0) return fail(Errno::fault);
  return {};
}

// A user's address of a T, or of several. May be null; the handler asks.
template <typename T>
class UserAddress {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  constexpr UserAddress() = default;
  constexpr explicit UserAddress(VirtAddr address) : address_(address) {}
  constexpr VirtAddr raw() const { return address_; }
  constexpr bool is_null() const { return address_ == 0; }

 protected:
  VirtAddr at(size_t index) const { return address_ + index * sizeof(T); }

  VirtAddr address_ = 0;
};

// What the kernel only reads.
template <typename T>
class UserIn : public UserAddress<T> {
 public:
  using UserAddress<T>::UserAddress;
  // Errno::fault.
  Result<T> load(size_t index = 0) const {
    T value;
    TRY(copy_from_user(&value, this->at(index), sizeof value));
    return value;
  }
  Result<> load_all(std::span<T> values) const {
    return copy_from_user(values.data(), this->raw(), values.size_bytes());
  }
};

// What the kernel only writes.
template <typename T>
class UserOut : public UserAddress<T> {
 public:
  using UserAddress<T>::UserAddress;
  // Errno::fault.
  Result<> store(const T& value, size_t index = 0) const {
    return copy_to_user(this->at(index), &value, sizeof value);
  }
  Result<> store_all(std::span<const T> values) const {
    return copy_to_user(this->raw(), values.data(), values.size_bytes());
  }
};

template <typename T>
class UserInOut : public UserAddress<T> {
 public:
  using UserAddress<T>::UserAddress;
  Result<T> load(size_t index = 0) const { return UserIn<T>(this->raw()).load(index); }
  Result<> store(const T& value, size_t index = 0) const {
    return UserOut<T>(this->raw()).store(value, index);
  }
};

// Copies a text with its end; its length. Errno::fault, or Errno::nametoolong if it doesn't fit.
Result<size_t> copy_text_from_user(std::span<char> to, VirtAddr from);

}  // namespace weft::mm
