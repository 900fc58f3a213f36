#include "userlib/thread/semaphore.hh"

namespace weft::detail {

bool Semaphore::take(uint32_t mark) {
  uint32_t seen = word_.load(relaxed);
  while ((seen & k_most) > 0) {
    if (!word_.compare_exchange(seen, (seen - 1) | mark, acquire)) continue;
    if (mark != 0 && ((seen - 1) & k_most) > 0) futex::wake_one(word_);
    return true;
  }
  return false;
}

bool Semaphore::acquire_slowly(Instant deadline) {
  for (;;) {
    uint32_t seen = 0;
    if (word_.compare_exchange(seen, k_sleepers, relaxed) || seen == k_sleepers) {
      if (!futex::wait_until(word_, k_sleepers, deadline)) return false;
    }
    if (take(k_sleepers)) return true;
  }
}

bool Semaphore::release(uint32_t amount, uint32_t most) {
  uint32_t seen = word_.load(relaxed);
  do {
    const uint32_t count = seen & k_most;
    if (amount > most || count > most - amount) return false;
  } while (!word_.compare_exchange(seen, (seen & k_most) + amount, weft::release));
  if ((seen & k_sleepers) != 0) futex::wake(word_, amount);
  return true;
}

}  // namespace weft::detail
