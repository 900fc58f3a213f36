// Signals from a descriptor (signalfd): reading takes those of the reader that are in the file's set
// and blocked, so that nothing else takes them.
#pragma once

#include "core/proc/process.hh"

namespace weft::proc {

// A new descriptor. Errno::mfile, Errno::nomem.
Result<int32_t> open_signals(Process& owner, SignalSet signals, uint32_t flags);
// Gives such a descriptor another set. Errno::badf, Errno::inval if it is none.
Result<> change_signals(Process& owner, int32_t fd, SignalSet signals);

}  // namespace weft::proc
