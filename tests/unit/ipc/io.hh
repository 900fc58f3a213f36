// Reading and writing files in tests, with texts for bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/fs/file.hh"

namespace weft::io {

inline Result<size_t> write(fs::File& file, std::string_view text) {
  std::string bytes(text);
  fs::IoBuffer from = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(bytes)));
  return file.write(from);
}
inline size_t write_text(fs::File& file, std::string_view text) {
  return write(file, text).value_or(~size_t{0});
}
inline Errno error_of(fs::File& file, std::string_view text) { return write(file, text).error(); }

inline Result<std::string> read(fs::File& file, size_t most) {
  std::string bytes(most, '\0');
  fs::IoBuffer to = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(bytes)));
  const Result<size_t> count = file.read(to);
  if (!count.has_value()) return fail(count.error());
  bytes.resize(*count);
  return bytes;
}
inline std::string read_text(fs::File& file, size_t most) {
  return read(file, most).value_or("(an error)");
}
inline Errno read_error(fs::File& file) { return read(file, 1).error(); }

// Writes blocks of that size until none fits; how many bytes went in.
inline size_t fill(fs::File& writer, size_t block) {
  size_t total = 0;
  for (;;) {
    const auto count = write(writer, std::string(block, 'x'));
    if (!count.has_value()) return total;
    total += *count;
  }
}

}  // namespace weft::io
