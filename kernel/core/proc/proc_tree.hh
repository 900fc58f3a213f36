// /proc: what programs like ps and top read about processes and the machine.
#pragma once

#include "core/base/format.hh"
#include "core/base/result.hh"

namespace weft::proc {

// Adds /proc to the file tree. `describe_cpu` writes what /proc/cpuinfo tells of each CPU beside its
// number. At boot. Errno::nomem.
Result<> start_proc(void (*describe_cpu)(Sink& to));

}  // namespace weft::proc
