// PollSource: whatever becomes readable or writable tells those who watch it. poll(), select() and
// epoll stand on it; a thread that blocks in read() or write() has a WaitQueue as everywhere.
//
// Why no event is lost: the state that events tell of is guarded by a lock of its owner. Whoever
// watches adds its entry first and looks at the state, under that lock, second. Whoever changes the
// state calls notify() under the same lock, afterwards. So either the watcher sees the new state, or
// notify() sees the watcher.
//
// An owner that keeps set_level() up, too, under the same lock, is not asked again by those who watch: they
// read there what is so.
#pragma once

#include <cstdint>

#include "core/base/list.hh"
#include "core/base/types.hh"
#include "core/sync/spin_lock.hh"

namespace weft::fs {

// What can be done with a file now, in poll()'s bits (abi::k_pollin and so on).
using PollEvents = uint32_t;

// In what is so of a source: that it is known. In what is asked for: nothing of its own.
inline constexpr PollEvents k_level_is_known = PollEvents{1} << 31;

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
  // What is so of the source, as far as it concerns this entry; without k_level_is_known if the file has to
  // be asked. The source is still there.
  PollEvents level() const;

  // From then on no callback comes, and none is running. The source is still there.
  void leave();
  bool is_watching() const { return source_.load(relaxed) != nullptr; }

 private:
  friend class PollSource;

  ListHook hook_;
  Atomic<PollSource*> source_{nullptr};
  Callback callback_;
  PollEvents concern_ = 0;
  bool is_exclusive_ = false;
};

class PollSource {
 public:
  constexpr PollSource() = default;

  // `concern`: which of the source's events are so of the file that the entry watches.
  void add(PollEntry& entry, PollEvents concern = 0);
  // Under the lock that guards the state: true if notify() would call anybody.
  bool is_watched() const { return watchers_.load(relaxed) != 0; }
  // Something happened. Under the lock that guards the state, which ranks before Rank::poll_source.
  void notify(PollEvents happened) {
    if (is_watched()) notify_watchers(happened);
  }
  // The same for who has interrupts off, and knows that it is watched.
  void notify_irqs_off(PollEvents happened);

  // What is so now, for those who watch; with k_level_is_known, or 0 if the owner doesn't keep it up at present.
  void set_level(PollEvents level) { level_.store(level | k_level_is_known, release); }
  void forget_level() { level_.store(0, relaxed); }
  PollEvents level() const { return level_.load(acquire); }

 private:
  friend class PollEntry;
  void notify_watchers(PollEvents happened);

  SpinLock lock_{Rank::poll_source};
  List<PollEntry, &PollEntry::hook_> entries_ GUARDED_BY(lock_);
  Atomic<uint32_t> watchers_{0};
  Atomic<PollEvents> level_{0};
};

inline PollEvents PollEntry::level() const {
  const PollSource* const source = source_.load(relaxed);
  return source == nullptr ? 0 : source->level() & concern_;
}

}  // namespace weft::fs
