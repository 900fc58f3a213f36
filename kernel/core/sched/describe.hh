// Words about the running thread, for a panic.
#pragma once

namespace weft::sched {

// Writes the running thread, the locks it holds and the last trace events to the log. Takes no lock.
void describe_current();

}  // namespace weft::sched
