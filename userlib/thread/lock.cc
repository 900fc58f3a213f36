#include "userlib/thread/lock.hh"

namespace weft {
namespace {

// Tries all but the one at `held`, in turn. The index of the one that was not to be had, and none of
// those tried is held; or the number of mutexes, if all are held now.
size_t try_others(std::span<const detail::AnyMutex> mutexes, size_t held) {
  const size_t count = mutexes.size();
  for (size_t step = 1; step < count; ++step) {
    const auto& next = mutexes[(held + step) % count];
    if (next.try_lock(next.object)) continue;
    for (size_t back = step - 1; back > 0; --back) {
      const auto& taken = mutexes[(held + back) % count];
      taken.unlock(taken.object);
    }
    return (held + step) % count;
  }
  return count;
}

}  // namespace

// Waits for one, holding none, and then tries the others. If one of them is not to be had, it lets all
// go, and that is the one to wait for next time.
void detail::lock_all(std::span<const AnyMutex> mutexes) {
  size_t awaited = 0;
  for (;;) {
    const auto& first = mutexes[awaited];
    first.lock(first.object);
    const size_t missing = try_others(mutexes, awaited);
    if (missing == mutexes.size()) return;
    first.unlock(first.object);
    awaited = missing;
  }
}

}  // namespace weft
