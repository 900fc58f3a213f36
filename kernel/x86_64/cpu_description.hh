// The CPU in words, for /proc/cpuinfo.
#pragma once

#include "core/base/format.hh"

namespace weft::x86 {

// Lines "name<tab>: value", as Linux writes them: the CPU's model, and the names of what it can do.
void describe_cpu(Sink& to);

}  // namespace weft::x86
