// Kernel threads: made, joined, detached.
//   auto worker = spawn({.name = "worker"}, [&] { ... });
//   if (worker) worker->join();
// A thread needs one piece of memory, its stack: its record and its function stand at the top.
#pragma once

#include <concepts>
#include <new>
#include <string_view>
#include <utility>

#include "core/base/result.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/thread.hh"

namespace weft {

struct ThreadOptions {
  std::string_view name = "thread";
  int priority = sched::k_normal_priority;
  int nice = 0;
  CpuMask cpu_mask = k_any_cpu;
};

// The right, and the duty, to join or detach one thread.
class [[nodiscard]] ThreadHandle {
 public:
  ThreadHandle() = default;
  explicit ThreadHandle(Thread& thread) : thread_(&thread) {}
  ThreadHandle(ThreadHandle&& other) : thread_(std::exchange(other.thread_, nullptr)) {}
  ThreadHandle& operator=(ThreadHandle&& other);
  ~ThreadHandle();

  // Blocks until the thread has ended, then frees it. Once; a thread does not join itself.
  void join();
  // The same, until then at most: false if the thread still lives, and the handle stays.
  [[nodiscard]] bool join_until(Instant deadline);
  // Nobody will join it: it is freed when it ends.
  void detach();

  bool is_valid() const { return thread_ != nullptr; }
  Thread& operator*() const { return *thread_; }
  Thread* operator->() const { return thread_; }

 private:
  Thread* thread_ = nullptr;
};

namespace detail {

// A thread that has not started, with `closure_size` bytes for its function at `closure`.
struct NewThread {
  Thread* thread;
  void* closure;
};
// The closure is aligned to 64 bytes.
Result<NewThread> make_thread(const ThreadOptions& options, size_t closure_size);
// Frees a thread that has not started and will not.
void discard_thread(Thread& thread);

}  // namespace detail

// Starts a thread that calls the function. Errno::nomem; Errno::inval if no CPU of the mask exists.
// The function ends by returning, and its captures are destroyed then.
template <std::invocable Function>
Result<ThreadHandle> spawn(const ThreadOptions& options, Function function) {
  static_assert(alignof(Function) <= 16, "the closure's place is aligned to 16 bytes");
  const detail::NewThread made = TRY(detail::make_thread(options, sizeof(Function)));
  made.thread->argument = ::new (made.closure) Function(std::move(function));
  made.thread->entry = [](void* argument) {
    auto* closure = static_cast<Function*>(argument);
    (*closure)();
    closure->~Function();
  };
  sched::start(*made.thread);
  return ThreadHandle(*made.thread);
}

// Starts the thread that frees detached threads. Once, before anybody detaches.
Result<> start_reaper();

}  // namespace weft
