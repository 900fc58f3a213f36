// What threads of processes do in the place of user mode, where there is none.
#pragma once

#include "core/base/registers.hh"

namespace weft::host {

// Called by each thread that would enter user mode, with the registers it would have there. It never
// returns. While it is not set, no thread may enter.
extern void (*in_user_mode)(Registers& registers);

}  // namespace weft::host
