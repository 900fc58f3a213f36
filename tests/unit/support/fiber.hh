// Fiber: code that runs on a stack of its own and stops only where it says so. The host machines
// run every kernel thread as one. Known to ASan and TSan, so that their reports show whole stacks
// and no false alarms.
//
// A kernel stack is too small for a sanitizer's report, so a fiber's stack is the host's own (large,
// with a guard page); the stack that the core made for the thread stays unused.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace weft::host {

// The addresses of a stack, from the lowest to one past the highest.
struct StackBounds {
  uintptr_t begin = 0;
  uintptr_t end = 0;

  size_t size() const { return end - begin; }
};
// Of the calling host thread's own stack.
StackBounds host_thread_stack();

class Fiber {
 public:
  // What the calling host thread runs on now, as a fiber that others can switch back to.
  static Fiber* adopt();
  // A fiber that will call entry(argument) when first switched to. The entry never returns.
  static Fiber* create(void (*entry)(void*), void* argument);
  // Frees a fiber that does not run and will not be switched to any more.
  static void destroy(Fiber* fiber);
  // The same for all that were made and still exist: when a machine is switched off.
  static void destroy_all();
  static size_t live_count();

  // The running fiber stops, and `to` goes on. Returns when somebody switches back.
  static void switch_to(Fiber& from, Fiber& to);

  bool is_running() const { return running_.load(std::memory_order_acquire); }
  StackBounds stack() const { return stack_; }

  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

 private:
  Fiber() = default;
  [[noreturn]] static void start(void* previous);
  static void arrive(Fiber& self, Fiber& previous);

  void* stack_pointer_ = nullptr;  // while it does not run
  StackBounds stack_;
  void (*entry_)(void*) = nullptr;
  void* argument_ = nullptr;
  Fiber* successor_ = nullptr;  // whom it last switched to
  // True from the switch to it until its registers are saved: two CPUs that run one fiber, or one
  // that runs it too early, are caught here.
  std::atomic<bool> running_{false};
  // ASan: what it keeps for the fiber while it does not run. TSan: its name for the fiber.
  [[maybe_unused]] void* sanitizer_state_ = nullptr;
};

}  // namespace weft::host
