#include "userlib/sys/foreground.hh"

#include "core/base/atomic.hh"
#include "userlib/sys/futex.hh"

namespace weft::detail {
namespace {

constinit Atomic<uint32_t> count(0);  // without the main thread
constinit Atomic<bool> waits(true);
constinit Atomic<bool> is_awaited(false);  // somebody sleeps on `count`, or is about to
constinit thread_local bool is_counted = false;

}  // namespace

void count_foreground_thread() { count.fetch_add(1, relaxed); }

// The last one's work is seen by whoever waited for it. Nearly always nobody waits; to know that, each
// side writes its own word before it reads the other's, in one order for all.
void uncount_foreground_thread() {
  is_counted = false;
  count.fetch_sub(1, seq_cst);
  if (is_awaited.load(seq_cst)) futex::wake_all(count);
}

void become_foreground_thread() { is_counted = true; }

void wait_for_foreground_threads() {
  if (!waits.load(relaxed)) return;
  const uint32_t own = is_counted ? 1 : 0;
  is_awaited.store(true, seq_cst);
  for (uint32_t left = count.load(seq_cst); left > own; left = count.load(seq_cst)) {
    futex::wait(count, left);
  }
}

void let_foreground_threads_go() { waits.store(false, relaxed); }

void forget_foreground_threads() { count.store(is_counted ? 1 : 0, relaxed); }

}  // namespace weft::detail
