#include "unit/support/fiber.hh"

#include <pthread.h>
#include <sys/mman.h>

#include <mutex>
#include <unordered_set>
#include <vector>

#include "core/hal.hh"
#include "unit/support/stack_switch.hh"

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define WEFT_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define WEFT_TSAN 1
#endif

#if WEFT_ASAN
// ASan keeps the locals of each stack apart for a while after their function has returned, to find
// late uses. A small room for that will do, since each fiber has its own.
extern "C" const char* __asan_default_options() { return "max_uar_stack_size_log=16"; }
#endif

namespace weft::host {
namespace {

constexpr size_t k_guard_size = 4096;
constexpr size_t k_stack_size = 256 * 1024 - k_guard_size;

// All fibers that exist, and stacks to use again. Stacks are never given back to the host: making one
// costs two system calls and some page faults.
class FiberRegistry {
 public:
  uintptr_t add(Fiber* fiber) {
    const std::lock_guard guard(mutex_);
    live_.insert(fiber);
    if (free_stacks_.empty()) return make_stack();
    const uintptr_t stack = free_stacks_.back();
    free_stacks_.pop_back();
    return stack;
  }

  void remove(Fiber* fiber, uintptr_t stack) {
    const std::lock_guard guard(mutex_);
    live_.erase(fiber);
    free_stacks_.push_back(stack);
  }

  std::vector<Fiber*> all() {
    const std::lock_guard guard(mutex_);
    return {live_.begin(), live_.end()};
  }

 private:
  static uintptr_t make_stack() {
    void* place = mmap(nullptr, k_guard_size + k_stack_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED || mprotect(place, k_guard_size, PROT_NONE) != 0) {
      hal::stop("the host has no memory for a stack");
    }
    return reinterpret_cast<uintptr_t>(place) + k_guard_size;
  }

  std::mutex mutex_;  // never held while the core runs
  std::unordered_set<Fiber*> live_;
  std::vector<uintptr_t> free_stacks_;
};

FiberRegistry& registry() {
  static FiberRegistry the_registry;
  return the_registry;
}

#if WEFT_ASAN
// Frees what ASan keeps for a fiber that will never run again: takes its place for a moment and
// leaves it as one leaves a dying fiber. Nothing instrumented may run in between.
__attribute__((no_sanitize("address"))) void drop_fake_stack(void* fake_stack, StackBounds stack) {
  void* own = nullptr;
  const void* own_begin = nullptr;
  size_t own_size = 0;
  __sanitizer_start_switch_fiber(&own, reinterpret_cast<void*>(stack.begin), stack.size());
  __sanitizer_finish_switch_fiber(fake_stack, &own_begin, &own_size);
  __sanitizer_start_switch_fiber(nullptr, own_begin, own_size);
  __sanitizer_finish_switch_fiber(own, nullptr, nullptr);
}
#endif

}  // namespace

StackBounds host_thread_stack() {
  // Asked once: the C library reads a file of /proc for it, and each spin lock of a debug build asks.
  thread_local const StackBounds bounds = [] {
    pthread_attr_t attributes;
    void* begin = nullptr;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) hal::stop("the host hides its stack");
    pthread_attr_getstack(&attributes, &begin, &size);
    pthread_attr_destroy(&attributes);
    return StackBounds{reinterpret_cast<uintptr_t>(begin),
                       reinterpret_cast<uintptr_t>(begin) + size};
  }();
  return bounds;
}

Fiber* Fiber::adopt() {
  auto* fiber = new Fiber;
  fiber->stack_ = host_thread_stack();
  fiber->running_.store(true, std::memory_order_relaxed);
#if WEFT_TSAN
  fiber->sanitizer_state_ = __tsan_get_current_fiber();
#endif
  return fiber;
}

Fiber* Fiber::create(void (*entry)(void*), void* argument) {
  auto* fiber = new Fiber;
  fiber->entry_ = entry;
  fiber->argument_ = argument;
  fiber->stack_.begin = registry().add(fiber);
  fiber->stack_.end = fiber->stack_.begin + k_stack_size;
#if WEFT_ASAN
  __asan_unpoison_memory_region(reinterpret_cast<void*>(fiber->stack_.begin), k_stack_size);
#endif
#if WEFT_TSAN
  fiber->sanitizer_state_ = __tsan_create_fiber(0);
#endif
  fiber->stack_pointer_ = prepare_stack(fiber->stack_.end, &Fiber::start);
  return fiber;
}

void Fiber::destroy(Fiber* fiber) {
  if (fiber->entry_ != nullptr) {
    if (fiber->is_running()) hal::stop("a context is dropped while it runs");
#if WEFT_ASAN
    if (fiber->sanitizer_state_ != nullptr) {
      drop_fake_stack(fiber->sanitizer_state_, fiber->stack_);
    }
#endif
#if WEFT_TSAN
    __tsan_destroy_fiber(fiber->sanitizer_state_);
#endif
    registry().remove(fiber, fiber->stack_.begin);
  }
  delete fiber;
}

void Fiber::destroy_all() {
  for (Fiber* fiber : registry().all()) destroy(fiber);
}

size_t Fiber::live_count() { return registry().all().size(); }

void Fiber::switch_to(Fiber& from, Fiber& to) {
  from.successor_ = &to;
  if (to.running_.exchange(true, std::memory_order_acquire)) {
    hal::stop("a context is switched to while it still runs");
  }
#if WEFT_ASAN
  __sanitizer_start_switch_fiber(&from.sanitizer_state_, reinterpret_cast<void*>(to.stack_.begin),
                                 to.stack_.size());
#endif
#if WEFT_TSAN
  __tsan_switch_to_fiber(to.sanitizer_state_, 0);
#endif
  void* previous = switch_stack(&from.stack_pointer_, to.stack_pointer_, &from);
  arrive(from, *static_cast<Fiber*>(previous));
}

void Fiber::arrive([[maybe_unused]] Fiber& self, Fiber& previous) {
#if WEFT_ASAN
  __sanitizer_finish_switch_fiber(self.sanitizer_state_, nullptr, nullptr);
#endif
  previous.running_.store(false, std::memory_order_release);
}

void Fiber::start(void* passed) {
  Fiber& previous = *static_cast<Fiber*>(passed);
  Fiber* self = previous.successor_;
  arrive(*self, previous);
  self->entry_(self->argument_);
  hal::stop("a fiber's entry returned");
}

}  // namespace weft::host
