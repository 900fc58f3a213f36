#include "userlib/sys/auxiliary.hh"

#include "abi/constants.hh"

namespace weft::sys {
namespace {

struct Entry {
  uint64_t type;
  uint64_t value;
};

std::span<char*> environment;
std::span<const Entry> vector;

}  // namespace

void detail::read_start_stack(uint64_t* stack) {
  char** first = reinterpret_cast<char**>(stack + 1 + stack[0] + 1);
  char** last = first;
  while (*last != nullptr) ++last;
  environment = {first, last};
  const auto* entries = reinterpret_cast<const Entry*>(last + 1);
  size_t count = 0;
  while (entries[count].type != abi::k_at_null) ++count;
  vector = {entries, count};
}

std::optional<uint64_t> auxiliary(uint64_t type) {
  for (const Entry& entry : vector) {
    if (entry.type == type) return entry.value;
  }
  return std::nullopt;
}

std::span<char*> start_environment() { return environment; }

std::optional<std::string_view> environment_value(std::string_view name) {
  for (const char* text : environment) {
    const std::string_view entry = text;
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

}  // namespace weft::sys
