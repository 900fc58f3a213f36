#include "userlib/thread/inheriting_mutex.hh"

#include "userlib/sys/exit.hh"

namespace weft {

bool inheriting_mutex::lock_slowly(Instant deadline) {
  for (;;) {
    const auto locked = deadline == k_never ? futex::lock_inheriting(word_)
                                            : futex::lock_inheriting_until(word_, deadline);
    if (locked) break;
    if (locked.error() == Errno::timedout) return false;
    // A signal came, or the owner is just going away: again. The rest is the caller's mistake.
    if (locked.error() != Errno::intr && locked.error() != Errno::again)
      throw_error(locked.error(), "a mutex could not be locked");
  }
  // The kernel wrote the word and ordered what came before. Only this says so to those who look at
  // our code alone, as ThreadSanitizer does; the same holds for the release below.
  (void)word_.load(acquire);
  return true;
}

void inheriting_mutex::unlock_slowly() {
  word_.fetch_or(0, release);
  if (const auto unlocked = futex::unlock_inheriting(word_); !unlocked)
    throw_error(unlocked.error(), "a mutex could not be let go");
}

}  // namespace weft
