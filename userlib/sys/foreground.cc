#include "userlib/sys/foreground.hh"

#include "core/base/atomic.hh"
#include "userlib/sys/futex.hh"

namespace weft::detail {
namespace {

constinit Atomic<uint32_t> count(0);  // without the main thread
constinit Atomic<bool> waits(true);
constinit thread_local bool is_counted = false;

}  // namespace

void count_foreground_thread() { count.fetch_add(1, relaxed); }

// The last one's work is seen by whoever waited for it.
void uncount_foreground_thread() {
  is_counted = false;
  count.fetch_sub(1, release);
  futex::wake_all(count);
}

void become_foreground_thread() { is_counted = true; }

void wait_for_foreground_threads() {
  if (!waits.load(relaxed)) return;
  const uint32_t own = is_counted ? 1 : 0;
  for (uint32_t left = count.load(acquire); left > own; left = count.load(acquire)) {
    futex::wait(count, left);
  }
}

void let_foreground_threads_go() { waits.store(false, relaxed); }

void forget_foreground_threads() { count.store(is_counted ? 1 : 0, relaxed); }

}  // namespace weft::detail
