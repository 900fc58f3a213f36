// The records of queued signals: made by senders, given back by PendingSignals. Their number is
// limited, over all processes, by the receiver's RLIMIT_SIGPENDING.
#pragma once

#include "core/proc/signal.hh"

namespace weft::proc {

// nullptr if there is no memory, or there are `limit` of them already.
QueuedSignal* make_queued(const SignalInfo& info, uint64_t limit);
// It is in no list any more: back to its sender, who may change `info`, or to the memory.
void release_queued(QueuedSignal& signal, SignalInfo& info);

}  // namespace weft::proc
