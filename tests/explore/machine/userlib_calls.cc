// In the place of the kernel, for threads without one: memory, and what else the userlib's runtime needs
// to get going. Nothing else that it may call has a place in a scenario.
#include <chrono>

#include "abi/constants.hh"
#include "core/hal.hh"
#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"
#include "userlib/coro/blocking.hh"
#include "userlib/coro/deadlock.hh"
#include "userlib/coro/list.hh"
#include "userlib/sys/asymmetric.hh"
#include "userlib/sys/auxiliary.hh"
#include "userlib/sys/raw_call.hh"
#include "userlib/thread/thread.hh"

namespace weft {

using explore::engine;

int64_t sys::explored_call(uint64_t number, uint64_t address, uint64_t size) {
  switch (number) {
    case abi::k_sys_mmap: {
      const auto place =
          reinterpret_cast<uintptr_t>(explore::ground.allocate(size + k_page_size - 1));
      return static_cast<int64_t>(round_up(place, k_page_size));
    }
    case abi::k_sys_munmap:
      if (engine.is_watching()) engine.note_freed(address, size);
      return 0;
    case abi::k_sys_madvise: return 0;
    case abi::k_sys_sched_yield: hal::relax(); return 0;
    case abi::k_sys_gettid: return 1;
    case abi::k_sys_openat: return -static_cast<int64_t>(Errno::noent);  // nobody records
  }
  engine.fail_stop("threads without a kernel make no such system call");
}

void sys::heavy_fence() {
  const auto place = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  if (engine.is_watching()) engine.heavy_fence(static_cast<uint32_t>(place) - 1);
}

// A scenario's threads are its own: none is started meanwhile.
Result<detail::ThreadRecord*> detail::start_thread(const thread_options&, void (*)(void*), void*) {
  engine.fail_stop("the userlib starts a thread");
}
void detail::join_thread(ThreadRecord*) { engine.fail_stop("the userlib joins a thread"); }
unsigned thread::hardware_concurrency() { return 1; }
void coro::detail::end_blocking_threads() {}
size_t coro::detail::blocking_calls() { return 0; }

// Nobody asks for these in a scenario.
std::optional<uint64_t> sys::auxiliary(uint64_t) { return {}; }
constinit Atomic<bool> coro::detail::times_are_kept{false};
void coro::report_deadlock(int32_t) { engine.fail_stop("the userlib reports a deadlock"); }

}  // namespace weft

// Time is the engine's.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  return time_point(duration(static_cast<rep>(weft::engine.clock())));
}
