// What the kernel told the program at its start: arguments, environment, auxiliary vector.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weft::sys {

// The value of an entry of the auxiliary vector (abi::k_at_pagesz, ...), if the kernel gave one.
std::optional<uint64_t> auxiliary(uint64_t type);

// The environment the program was started with: "NAME=value" each.
std::span<char*> start_environment();

// A variable of it.
std::optional<std::string_view> environment_value(std::string_view name);

namespace detail {
// For the start code: reads what stands on the first stack.
void read_start_stack(uint64_t* stack);
}  // namespace detail

}  // namespace weft::sys
