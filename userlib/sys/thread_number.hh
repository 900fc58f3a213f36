// The kernel's number for the running thread, without a system call each time: locks with an owner ask
// often.
#pragma once

#include <cstdint>

namespace weft::sys {

int32_t thread_number();

// The child of a fork is a new thread in the old one's memory: it has to ask the kernel again.
void forget_thread_number();

}  // namespace weft::sys
