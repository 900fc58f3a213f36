// Archives of the "newc" kind of cpio, which an initrd is. The archive may be damaged: what doesn't fit
// together is told, never followed.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/base/result.hh"

namespace weft::fs {

struct CpioEntry {
  std::string_view name;  // without a slash or "./" in front
  uint32_t mode = 0;
  std::span<const std::byte> contents;
};

class CpioReader {
 public:
  explicit CpioReader(std::span<const std::byte> archive) : archive_(archive) {}

  // The next entry. Errno::noent behind the last one, Errno::inval if the archive is damaged here.
  Result<CpioEntry> next();
  // Where the next entry begins, for messages.
  size_t position() const { return position_; }

 private:
  std::span<const std::byte> archive_;
  size_t position_ = 0;
};

}  // namespace weft::fs
