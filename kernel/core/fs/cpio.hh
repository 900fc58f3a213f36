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
  uint32_t inode = 0;     // with `links` above 1: other entries may be names of the same file
  uint32_t links = 0;
  uint32_t mode = 0;
  uint32_t owner = 0;
  uint32_t group = 0;
  uint32_t modified = 0;  // in seconds after the beginning of 1970
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
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
