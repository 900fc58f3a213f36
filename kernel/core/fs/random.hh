// The kernel's random numbers: getrandom(), /dev/random and /dev/urandom, a program's AT_RANDOM.
#pragma once

#include "core/base/result.hh"
#include "core/fs/io_buffer.hh"

namespace weft::fs {

// Fills the buffer; how many bytes: fewer than there is room for if a user address is bad. Never waits
// for randomness: the machine gives some at every call.
Result<size_t> read_random(IoBuffer& to);

}  // namespace weft::fs
