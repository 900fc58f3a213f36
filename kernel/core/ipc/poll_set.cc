#include "core/ipc/poll_set.hh"

#include <memory>

#include "core/mm/heap.hh"

namespace weft::ipc {

PollSet::Watch::Watch()
    : PollEntry([](PollEntry& entry, fs::PollEvents happened) {
        auto& self = static_cast<Watch&>(entry);
        if ((happened & (self.wanted | k_always_told)) == 0) return false;
        self.event_->set();
        return true;
      }) {}

Result<PollSet> PollSet::make(size_t count) {
  if (count == 0) return PollSet({});
  auto* const first = static_cast<Watch*>(TRY(mm::allocate(count * sizeof(Watch))));
  std::uninitialized_default_construct_n(first, count);
  return PollSet({first, count});
}

PollSet::PollSet(PollSet&& other) : watches_(std::exchange(other.watches_, {})) {}

PollSet::~PollSet() {
  std::destroy(watches_.begin(), watches_.end());
  mm::free(watches_.data());
}

// The first time with an event, which is set from then on when something happens.
size_t PollSet::look(Event* event) {
  size_t count = 0;
  for (Watch& watch : watches_) {
    if (watch.file) {
      // Later looks leave it: what was begun is being told all the time.
      if (event != nullptr) watch.event_ = event;
      const bool begins = event != nullptr && count == 0;
      const fs::PollEvents now = watch.file->poll(begins ? &watch : nullptr);
      watch.happened = now & (watch.wanted | k_always_told);
    }
    if (watch.happened != 0) ++count;
  }
  return count;
}

Result<size_t> PollSet::wait(Instant deadline) {
  if (deadline == 0) return look(nullptr);
  Event changed;
  size_t count = look(&changed);
  Result<> woken;
  while (count == 0 && woken.has_value()) {
    woken = changed.wait({.deadline = deadline, .interruptible = true}, Ender::polled(this));
    // Before the next look: what happens from now on is seen by it or sets it again.
    changed.clear();
    count = look(nullptr);
  }
  for (Watch& watch : watches_) watch.leave();
  if (count == 0 && woken.error() == Errno::intr) return fail(Errno::intr);
  return count;
}

}  // namespace weft::ipc
