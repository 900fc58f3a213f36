// The records of queued signals: made by senders, given back by PendingSignals. Their number is
// limited, over all processes, by the receiver's RLIMIT_SIGPENDING.
#pragma once

#include "core/proc/signal.hh"

namespace weft::proc {

// nullptr if there is no memory, or there are `limit` of them already.
QueuedSignal* make_queued(const SignalInfo& info, uint64_t limit);
// A timer counts as one of them as long as it exists: false if there are `limit` already.
bool reserve_queued(uint64_t limit);
void give_back_reserved();
// It is in no list any more: back to its sender, who may change `info`, or to the memory.
void release_queued(QueuedSignal& signal, SignalInfo& info);

}  // namespace weft::proc
