#include "core/fs/cpio.hh"

#include <algorithm>

#include "core/base/types.hh"

namespace weft::fs {
namespace {

// An entry: a header of 6 + 13 * 8 characters, the name with its end, the contents; the latter two
// begin at multiples of four.
constexpr std::string_view k_magic = "070701";
constexpr std::string_view k_last_name = "TRAILER!!!";
constexpr size_t k_field = 8;
constexpr size_t k_header = k_magic.size() + 13 * k_field;
constexpr size_t k_unit = 4;

enum Field {
  k_inode = 0,
  k_mode = 1,
  k_owner = 2,
  k_group = 3,
  k_links = 4,
  k_modified = 5,
  k_file_size = 6,
  k_device_major = 9,
  k_device_minor = 10,
  k_name_size = 11
};

// Eight hexadecimal digits.
Result<uint32_t> read_field(std::string_view header, Field field) {
  uint32_t value = 0;
  for (const char digit : header.substr(k_magic.size() + field * k_field, k_field)) {
    if (digit >= '0' && digit <= '9') {
      value = value << 4 | static_cast<uint32_t>(digit - '0');
    } else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f') {
      value = value << 4 | static_cast<uint32_t>((digit | 0x20) - 'a' + 10);
    } else {
      return fail(Errno::inval);
    }
  }
  return value;
}

std::string_view without_front(std::string_view name) {
  if (name.starts_with("./")) name.remove_prefix(2);
  while (name.starts_with('/')) name.remove_prefix(1);
  return name;
}

}  // namespace

Result<CpioEntry> CpioReader::next() {
  const std::string_view text(reinterpret_cast<const char*>(archive_.data()), archive_.size());
  const std::string_view rest = text.substr(position_);
  if (rest.size() < k_header || !rest.starts_with(k_magic)) return fail(Errno::inval);
  const uint64_t name_size = TRY(read_field(rest, k_name_size));
  const uint64_t file_size = TRY(read_field(rest, k_file_size));
  const uint64_t contents = round_up(k_header + name_size, k_unit);
  if (name_size == 0 || contents > rest.size() || file_size > rest.size() - contents) {
    return fail(Errno::inval);
  }
  if (rest[k_header + name_size - 1] != '\0') return fail(Errno::inval);
  const std::string_view name = rest.substr(k_header, name_size - 1);
  if (name == k_last_name) return fail(Errno::noent);
  CpioEntry entry;
  entry.name = without_front(name);
  entry.inode = TRY(read_field(rest, k_inode));
  entry.links = TRY(read_field(rest, k_links));
  entry.mode = TRY(read_field(rest, k_mode));
  entry.owner = TRY(read_field(rest, k_owner));
  entry.group = TRY(read_field(rest, k_group));
  entry.modified = TRY(read_field(rest, k_modified));
  entry.device_major = TRY(read_field(rest, k_device_major));
  entry.device_minor = TRY(read_field(rest, k_device_minor));
  entry.contents = archive_.subspan(position_ + contents, file_size);
  position_ += std::min<uint64_t>(round_up(contents + file_size, k_unit), rest.size());
  return entry;
}

}  // namespace weft::fs
