// What a thread does last: the destructors of its thread_local objects, which the compiler registers
// as they are made.
#pragma once

namespace weft::sys {

// Calls them, the youngest first, also those that are registered meanwhile.
void run_thread_exit_functions();

}  // namespace weft::sys
