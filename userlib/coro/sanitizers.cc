#include "userlib/coro/sanitizers.hh"

#if defined(WEFT_ASAN) || defined(WEFT_TSAN)

#include <pthread.h>

namespace weft::coro::sanitizer {
namespace {

thread_local Coroutine* own_base = nullptr;  // this thread's worker's
#if defined(WEFT_ASAN)
thread_local const void* base_floor = nullptr;
thread_local size_t base_size = 0;
#else
thread_local void* base_fiber = nullptr;
// The fiber that this thread was on when its coroutine ended: nobody can take away the one it is on.
thread_local void* dead_fiber = nullptr;
#endif

}  // namespace

[[gnu::noinline]] void register_base(Coroutine& base) {
  own_base = &base;
#if defined(WEFT_ASAN)
  pthread_attr_t attributes;
  void* floor = nullptr;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &floor, &base_size);
  pthread_attr_destroy(&attributes);
  base_floor = floor;
#else
  base_fiber = __tsan_get_current_fiber();
#endif
}

[[gnu::noinline]] void new_frame([[maybe_unused]] Frame& frame) {
#if defined(WEFT_TSAN)
  frame.fiber = __tsan_create_fiber(0);
#endif
}

// Between its call and its return the fiber changes; so its own instrumentation would be unbalanced.
[[gnu::noinline, clang::disable_sanitizer_instrumentation]] void before_switch(
    Coroutine& to, [[maybe_unused]] void** save, [[maybe_unused]] bool for_ever) {
  const bool to_base = &to == own_base;
#if defined(WEFT_ASAN)
  const auto top = reinterpret_cast<uintptr_t>(to_base ? nullptr : to.frame + 1);
  const uintptr_t floor =
      to_base ? 0 : stack_floor(static_cast<StackSize>(to.stack_class), top - 1);
  __sanitizer_start_switch_fiber(for_ever ? nullptr : save,
                                 to_base ? base_floor : reinterpret_cast<const void*>(floor),
                                 to_base ? base_size : top - floor);
#else
  if (for_ever) dead_fiber = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(to_base ? base_fiber : to.frame->fiber, 0);
#endif
}

[[gnu::noinline]] void after_switch([[maybe_unused]] void* saved) {
#if defined(WEFT_ASAN)
  __sanitizer_finish_switch_fiber(saved, nullptr, nullptr);
#else
  if (dead_fiber != nullptr) __tsan_destroy_fiber(dead_fiber);
  dead_fiber = nullptr;
#endif
}

}  // namespace weft::coro::sanitizer

#endif
