#include "core/fs/poll_source.hh"

namespace weft::fs {

void PollEntry::leave() {
  if (source_ == nullptr) return;
  PollSource& source = *source_;
  SpinGuard guard(source.lock_);
  decltype(source.entries_)::remove(*this);
  source.watchers_.fetch_sub(1, relaxed);
  source_ = nullptr;
}

void PollSource::add(PollEntry& entry) {
  DEBUG_ASSERT(!entry.is_watching(), "an entry watches one source at a time");
  SpinGuard guard(lock_);
  entry.source_ = this;
  entries_.push_back(entry);
  watchers_.fetch_add(1, relaxed);
}

[[gnu::noinline]] void PollSource::notify_watchers(PollEvents happened) {
  SpinGuard guard(lock_);
  bool was_taken = false;
  for (PollEntry& entry : entries_) {
    if (entry.is_exclusive_ && was_taken) continue;
    if (entry.callback_(entry, happened) && entry.is_exclusive_) was_taken = true;
  }
}

}  // namespace weft::fs
