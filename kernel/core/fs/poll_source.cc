#include "core/fs/poll_source.hh"

#include "core/sync/irq_guard.hh"

namespace weft::fs {

void PollEntry::leave() {
  if (!is_watching()) return;
  PollSource& source = *source_.load(relaxed);
  SpinGuard guard(source.lock_);
  decltype(source.entries_)::remove(*this);
  source.watchers_.fetch_sub(1, relaxed);
  source_.store(nullptr, relaxed);
}

void PollSource::add(PollEntry& entry, PollEvents concern) {
  DEBUG_ASSERT(!entry.is_watching(), "an entry watches one source at a time");
  SpinGuard guard(lock_);
  entry.concern_ = concern == 0 ? 0 : concern | k_level_is_known;
  entry.source_.store(this, relaxed);
  entries_.push_back(entry);
  watchers_.fetch_add(1, relaxed);
}

[[gnu::noinline]] void PollSource::notify_watchers(PollEvents happened) {
  IrqGuard irqs_off;
  notify_irqs_off(happened);
}

[[gnu::noinline]] void PollSource::notify_irqs_off(PollEvents happened) {
  SpinGuardIrqsOff guard(lock_);
  bool was_taken = false;
  for (PollEntry& entry : entries_) {
    if (!entry.is_exclusive_) [[likely]] {
      entry.callback_(entry, happened);
    } else if (!was_taken) {
      was_taken = entry.callback_(entry, happened);
    }
  }
}

}  // namespace weft::fs
