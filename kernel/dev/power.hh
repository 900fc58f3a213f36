// Switching the machine off, with a status for whoever started it.
#pragma once

#include <string_view>

namespace weft::dev {

inline constexpr unsigned k_largest_status = 63;

// Off; 0 means that all went well. Tells QEMU's debug-exit device, or else ACPI, or else halts.
[[noreturn]] void power_off(unsigned status);
// The same, but then the machine starts anew, where the one who started it lets it.
[[noreturn]] void restart();
// After a panic: a status of its own. Without a debug-exit device the machine halts, so that the
// panic can be read.
[[noreturn]] void end_after_panic();
// This machine, or what it was told, does not do: says why in one line, and switches off with a
// status of failure.
[[noreturn]] void refuse_to_start(std::string_view why);

}  // namespace weft::dev
