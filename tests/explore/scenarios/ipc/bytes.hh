// Single bytes and numbers into and out of files, for scenarios.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "core/fs/file.hh"

namespace weft::explore {

inline constexpr int k_end_of_file = -1;
inline constexpr int k_error = -2;

inline int read_byte(fs::File& file) {
  std::byte byte{};
  fs::IoBuffer to = fs::IoBuffer::kernel({&byte, 1});
  const Result<size_t> count = file.read(to);
  if (!count.has_value()) return k_error;
  return *count == 0 ? k_end_of_file : static_cast<int>(byte);
}

inline bool write_byte(fs::File& file, int value) {
  std::byte byte{static_cast<unsigned char>(value)};
  fs::IoBuffer from = fs::IoBuffer::kernel({&byte, 1});
  return file.write(from).has_value();
}

// What files that count tell and take.
inline Result<uint64_t> read_number(fs::File& file) {
  uint64_t number = 0;
  fs::IoBuffer to = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(&number, 1)));
  TRY(file.read(to));
  return number;
}
inline bool write_number(fs::File& file, uint64_t number) {
  fs::IoBuffer from = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(&number, 1)));
  return file.write(from).has_value();
}

// Until nothing more fits; in the set-up.
inline void fill(fs::File& file) {
  static std::array<std::byte, 65536> bytes;
  file.set_flags(abi::k_o_nonblock, abi::k_o_nonblock);
  for (bool fits = true; fits;) {
    fs::IoBuffer from = fs::IoBuffer::kernel(bytes);
    fits = file.write(from).has_value();
  }
  file.set_flags(0, abi::k_o_nonblock);
}

}  // namespace weft::explore
