// The C library has read the first stack already.
#include "userlib/sys/auxiliary.hh"

#include <cerrno>
#include <cstdlib>

#include <sys/auxv.h>
#include <unistd.h>

namespace weft::sys {

std::optional<uint64_t> auxiliary(uint64_t type) {
  errno = 0;
  const uint64_t value = getauxval(type);
  if (value == 0 && errno == ENOENT) return std::nullopt;
  return value;
}

std::span<char*> start_environment() {
  size_t count = 0;
  while (environ[count] != nullptr) ++count;
  return {environ, count};
}

std::optional<std::string_view> environment_value(std::string_view name) {
  for (const char* text : start_environment()) {
    const std::string_view entry = text;
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

}  // namespace weft::sys
