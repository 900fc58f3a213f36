// PollSource: whatever becomes readable or writable tells those who watch it. poll(), select() and
// epoll stand on it; a thread that blocks in read() or write() has a WaitQueue as everywhere.
//
// Why no event is lost: the state that events tell of is guarded by a lock of its owner. Whoever
// watches adds its entry first and looks at the state, under that lock, second. Whoever changes the
// state calls notify() under the same lock, afterwards. So either the watcher sees the new state, or
// notify() sees the watcher.
#pragma once

#include <cstdint>

#include "core/base/list.hh"
#include "core/base/types.hh"
#include "core/sync/spin_lock.hh"

namespace weft::fs {

// What can be done with a file now, in poll()'s bits (abi::k_pollin and so on).
using PollEvents = uint32_t;

class PollSource;

// Somebody who watches one source.
class PollEntry {
 public:
  // Called for each event, under the source's lock, with what happened. It wakes threads, and does
  // no more than that: no blocking, no watching or leaving. True if it has woken one that will look.
  using Callback = bool (*)(PollEntry& entry, PollEvents happened);

  explicit PollEntry(Callback callback) : callback_(callback) {}
  PollEntry(const PollEntry&) = delete;
  PollEntry& operator=(const PollEntry&) = delete;
  ~PollEntry() { leave(); }

  // Of the exclusive entries of a source, only the first that wakes somebody hears of an event. To be
  // said before it watches.
  void make_exclusive() { is_exclusive_ = true; }

  // From then on no callback comes, and none is running. The source is still there.
  void leave();
  bool is_watching() const { return source_ != nullptr; }

 private:
  friend class PollSource;

  ListHook hook_;
  PollSource* source_ = nullptr;
  Callback callback_;
  bool is_exclusive_ = false;
};

class PollSource {
 public:
  constexpr PollSource() = default;

  void add(PollEntry& entry);
  // Under the lock that guards the state: true if notify() would call anybody.
  bool is_watched() const { return watchers_.load(relaxed) != 0; }
  // Something happened. Under the lock that guards the state, which ranks before Rank::poll_source.
  void notify(PollEvents happened) {
    if (is_watched()) notify_watchers(happened);
  }

 private:
  friend class PollEntry;
  void notify_watchers(PollEvents happened);

  SpinLock lock_{Rank::poll_source};
  List<PollEntry, &PollEntry::hook_> entries_ GUARDED_BY(lock_);
  Atomic<uint32_t> watchers_{0};
};

}  // namespace weft::fs
