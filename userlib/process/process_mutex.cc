// The word, in the kernel's format: the owner's thread number; whether somebody sleeps; and, set by the
// kernel together with a number of 0, that the owner died.
#include "userlib/process/process_mutex.hh"

#include "abi/constants.hh"
#include "core/base/assert.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/thread_number.hh"

namespace weft {
namespace {

constexpr uint32_t k_waiters = abi::k_futex_waiters;
constexpr uint32_t k_owner_died = abi::k_futex_owner_died;
constexpr uint32_t k_owner = abi::k_futex_tid_mask;
constexpr uint32_t k_lost = k_owner;  // nobody's number: not recoverable

}  // namespace

// We have it; what we saw in the word tells how its last owner left it.
lock_status process_mutex::accept(uint32_t seen) {
  detail::add_robust_lock(robust_);
  if ((seen & k_owner_died) != 0) is_inconsistent_ = true;
  return is_inconsistent_ ? lock_status::owner_died : lock_status::acquired;
}

lock_status process_mutex::acquire_until_instant(Instant deadline) {
  const auto own = static_cast<uint32_t>(sys::thread_number());
  const detail::RobustChange change(robust_);
  uint32_t mark = 0;  // once we have slept, others may be asleep
  uint32_t seen = robust_.word.load(relaxed);
  for (;;) {
    if ((seen & k_owner) == 0) {
      const uint32_t taken = own | (seen & k_waiters) | mark;
      if (robust_.word.compare_exchange(seen, taken, weft::acquire)) return accept(seen);
      continue;
    }
    if ((seen & k_owner) == k_lost) return lock_status::not_recoverable;
    if ((seen & k_owner) == own) throw_error(Errno::deadlk, "this thread holds the mutex already");
    if (deadline == 0) return lock_status::timed_out;
    if ((seen & k_waiters) == 0 &&
        !robust_.word.compare_exchange(seen, seen | k_waiters, relaxed)) {
      continue;
    }
    if (!futex::shared::wait_until(robust_.word, seen | k_waiters, deadline))
      return lock_status::timed_out;
    mark = k_waiters;
    seen = robust_.word.load(relaxed);
  }
}

void process_mutex::lock() NO_THREAD_SAFETY_ANALYSIS {
  if (acquire() == lock_status::not_recoverable)
    throw_error(Errno::io, "a mutex was lost with its owner");
}

bool process_mutex::try_lock() NO_THREAD_SAFETY_ANALYSIS {
  if (static_cast<uint32_t>(sys::thread_number()) == (robust_.word.load(relaxed) & k_owner))
    return false;
  return lock_until_instant(0);
}

bool process_mutex::lock_until_instant(Instant deadline) {
  const lock_status status = acquire_until_instant(deadline);
  return status == lock_status::acquired || status == lock_status::owner_died;
}

void process_mutex::unlock() NO_THREAD_SAFETY_ANALYSIS {
  ASSERT((robust_.word.load(relaxed) & k_owner) == static_cast<uint32_t>(sys::thread_number()),
         "a mutex is let go by its owner");
  const uint32_t left = is_inconsistent_ ? k_lost : 0;
  const detail::RobustChange change(robust_);
  detail::remove_robust_lock(robust_);
  if ((robust_.word.exchange(left, release) & k_waiters) == 0) return;
  if (left == 0) {
    futex::shared::wake_one(robust_.word);
  } else {
    futex::shared::wake_all(robust_.word);
  }
}

}  // namespace weft
