// The end of the machine, seen from the exceptions' side. hal::stop() is the usual way in.
#pragma once

#include <string_view>

#include "core/base/registers.hh"

namespace weft::x86 {

// As hal::stop(), but the registers and the backtrace are those of interrupted code.
[[noreturn]] void stop_with_registers(std::string_view reason, const Registers& frame);
// For a non-maskable interrupt: if another CPU is in a panic, this one halts here.
void stop_if_panicking(const Registers& frame);

}  // namespace weft::x86
