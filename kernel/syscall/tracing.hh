// What the trace shows of a system call. The arguments that an event has no room for, and the texts
// they lead to, only follow when somebody wants to read calls (trace::with_arguments).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/registers.hh"

namespace weft::syscall {

void record_call(const Registers& registers, size_t number);
void record_return(const Registers& registers, size_t number, uint64_t result);

}  // namespace weft::syscall
