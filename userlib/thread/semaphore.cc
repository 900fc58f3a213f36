#include "userlib/thread/semaphore.hh"

namespace weft::detail {

// Takes one key, if there is one, leaves the mark, and wakes the next if there are more keys.
template <typename Scope>
bool Semaphore<Scope>::take_after_sleep() {
  // lab:futex begin 6
  uint32_t seen = word_.load(relaxed);
  while ((seen & k_most) > 0) {
    if (!word_.compare_exchange(seen, (seen - 1) | k_sleepers, weft::acquire)) continue;
    if (((seen - 1) & k_most) > 0) Scope::wake(word_, 1);
    return true;
  }
  return false;
  // lab:futex stub: panic("not implemented: lab futex, part 6");
  // lab:futex end
}

template <typename Scope>
bool Semaphore<Scope>::acquire_slowly(Instant deadline) {
  // lab:futex begin 6
  for (;;) {
    uint32_t seen = 0;
    if (word_.compare_exchange(seen, k_sleepers, relaxed) || seen == k_sleepers) {
      if (!Scope::wait_until(word_, k_sleepers, deadline)) return false;
    }
    if (take_after_sleep()) return true;
  }
  // lab:futex stub: static_cast<void>(deadline);
  // lab:futex stub: panic("not implemented: lab futex, part 6");
  // lab:futex end
}

template class Semaphore<futex::Private>;
template class Semaphore<futex::Shared>;

}  // namespace weft::detail
