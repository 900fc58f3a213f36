// Single bytes into and out of files, for scenarios.
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

// Until nothing more fits; in the set-up, with a pipe of the usual size.
inline void fill(fs::File& file) {
  static std::array<std::byte, 65536> bytes;
  fs::IoBuffer from = fs::IoBuffer::kernel(bytes);
  static_cast<void>(file.write(from));
}

}  // namespace weft::explore
