// What has been sent and not yet been delivered.
#include <bit>

#include "core/proc/queued_signals.hh"
#include "core/proc/signal.hh"

namespace weft::proc {

void PendingSignals::add(QueuedSignal& signal) {
  queue_.push_back(signal);
  set_ |= bit_of(signal.info.signal);
}

bool PendingSignals::has_queued(int signal) const {
  for (const QueuedSignal& queued : queue_) {
    if (queued.info.signal == signal) return true;
  }
  return false;
}

void PendingSignals::take_first(SignalSet there, SignalInfo& info) {
  // lab:signal begin 1
  const SignalSet first = (there & k_synchronous) != 0 ? there & k_synchronous : there;
  const int signal = std::countr_zero(first) + 1;
  if (in_place_bit_ == bit_of(signal)) return take_from_place(info);
  for (QueuedSignal& queued : queue_) {
    if (queued.info.signal != signal) continue;
    decltype(queue_)::remove(queued);
    info = queued.info;
    release_queued(queued, info);
    if (signal < k_first_real_time || !has_queued(signal)) set_ &= ~bit_of(signal);
    return;
  }
  set_ &= ~bit_of(signal);
  info = SignalInfo{};
  info.signal = signal;
  // lab:signal stub: static_cast<void>(there);
  // lab:signal stub: static_cast<void>(info);
  // lab:signal stub: panic("not implemented: lab signal, part 1");
  // lab:signal end
}

void PendingSignals::drop_queued(SignalSet signals) {
  set_ &= ~signals;
  in_place_bit_ &= ~signals;
  for (QueuedSignal* queued = queue_.front(); queued != nullptr;) {
    QueuedSignal* const next = queue_.after(*queued);
    if (proc::contains(signals, queued->info.signal)) {
      decltype(queue_)::remove(*queued);
      SignalInfo nobody_reads;
      release_queued(*queued, nobody_reads);
    }
    queued = next;
  }
}

bool PendingSignals::withdraw(QueuedSignal& signal) {
  for (QueuedSignal& queued : queue_) {
    if (&queued != &signal) continue;
    decltype(queue_)::remove(signal);
    if (!has_queued(signal.info.signal)) set_ &= ~bit_of(signal.info.signal);
    return true;
  }
  return false;
}

}  // namespace weft::proc
