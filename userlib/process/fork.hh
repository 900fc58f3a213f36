// fork, for programs with threads: the child has one thread only, and must not find locks held by those
// it does not have.
#pragma once

#include <cstdint>

#include "core/base/result.hh"

namespace weft {

// As the system call, but the library's own state is whole in the child: heap, printing, and what
// threads and locks know of the running thread. What the program itself has locked is its own business.
Result<int32_t> fork_process();

}  // namespace weft
