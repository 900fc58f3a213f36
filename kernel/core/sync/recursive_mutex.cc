#include "core/sync/recursive_mutex.hh"

namespace weft {

// Whether the caller holds it is a question that nobody else can change the answer to.
void RecursiveMutex::lock() NO_THREAD_SAFETY_ANALYSIS {
  if (!is_held()) mutex_.lock();
  ++depth_;
}

bool RecursiveMutex::try_lock() NO_THREAD_SAFETY_ANALYSIS {
  if (!is_held() && !mutex_.try_lock()) return false;
  ++depth_;
  return true;
}

bool RecursiveMutex::lock_until(Instant deadline) NO_THREAD_SAFETY_ANALYSIS {
  if (!is_held() && !mutex_.lock_until(deadline)) return false;
  ++depth_;
  return true;
}

void RecursiveMutex::unlock() NO_THREAD_SAFETY_ANALYSIS {
  ASSERT(is_held(), "a mutex is let go by its owner");
  if (--depth_ == 0) mutex_.unlock();
}

}  // namespace weft
