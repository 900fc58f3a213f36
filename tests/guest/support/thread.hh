// Threads, with clone() as thread libraries call it.
#pragma once

#include <type_traits>
#include <utility>

#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

inline constexpr uint64_t k_thread_flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                           CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID |
                                           CLONE_CHILD_CLEARTID;
inline constexpr size_t k_thread_stack_size = 64 * 1024;

// clone(): the new thread calls entry(argument) on the stack that ends at `stack_end`, and exits with
// the result. The new thread's id, or -errno.
long clone_thread(uint64_t flags, void* stack_end, int (*entry)(void*), void* argument,
                  int* parent_tid, int* child_tid, void* tls);

// A thread of this process that runs a function; joined at the latest by the destructor.
template <typename Body>
class Thread {
 public:
  explicit Thread(Body body) : body_(std::move(body)) {
    stack_ = must("map a stack", sys::mmap(nullptr, k_thread_stack_size, PROT_READ | PROT_WRITE,
                                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0));
    tid_ = static_cast<int>(
        must("start a thread",
             clone_thread(k_thread_flags, reinterpret_cast<void*>(stack_ + k_thread_stack_size),
                          &run, this, &parent_tid_, &alive_, nullptr)));
  }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { join(); }

  // The kernel clears alive_ and wakes its waiters when the thread is gone.
  void join() {
    if (stack_ == 0) return;
    for (int tid = __atomic_load_n(&alive_, __ATOMIC_SEQ_CST); tid != 0;
         tid = __atomic_load_n(&alive_, __ATOMIC_SEQ_CST)) {
      sys::futex(&alive_, FUTEX_WAIT, tid, nullptr, nullptr, 0);
    }
    sys::munmap(stack_, k_thread_stack_size);
    stack_ = 0;
  }

  int tid() const { return tid_; }

 private:
  static int run(void* self) {
    if constexpr (std::is_void_v<decltype(std::declval<Body>()())>) {
      static_cast<Thread*>(self)->body_();
      return 0;
    } else {
      return static_cast<Thread*>(self)->body_();
    }
  }

  Body body_;
  long stack_ = 0;
  int tid_ = 0;
  int parent_tid_ = 0;
  int alive_ = 1;  // not 0, so that a join before the thread's first step waits
};

}  // namespace weft::guest
