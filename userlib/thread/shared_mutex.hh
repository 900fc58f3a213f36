// shared_mutex and shared_timed_mutex: many readers, or one writer. Names are the standard's.
//
// Nobody starves: who must wait stands in one queue, in the order of arrival, and who comes later waits
// behind them, even a reader while readers are inside. When the way is free, the head of the queue goes
// in: one writer, or all readers up to the next writer. The lock is theirs before they wake, so nobody
// takes it from them.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/annotations.hh"
#include "userlib/base/clock.hh"
#include "userlib/base/lock.hh"
#include "userlib/sys/futex.hh"

namespace weft {

class CAPABILITY("shared_mutex") shared_mutex {
 public:
  constexpr shared_mutex() = default;
  shared_mutex(const shared_mutex&) = delete;
  shared_mutex& operator=(const shared_mutex&) = delete;

  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS { (void)enter(Kind::writer, k_never); }
  bool try_lock() TRY_ACQUIRE(true) { return enter(Kind::writer, 0); }
  void unlock() RELEASE() NO_THREAD_SAFETY_ANALYSIS { leave(Kind::writer); }

  void lock_shared() ACQUIRE_SHARED() NO_THREAD_SAFETY_ANALYSIS {
    (void)enter(Kind::reader, k_never);
  }
  bool try_lock_shared() TRY_ACQUIRE_SHARED(true) { return enter(Kind::reader, 0); }
  void unlock_shared() RELEASE_SHARED() NO_THREAD_SAFETY_ANALYSIS { leave(Kind::reader); }

 protected:
  enum class Kind : uint8_t { reader, writer };

  // False when the time was over first; with an instant of 0 it does not wait at all.
  bool enter(Kind kind, Instant deadline);
  void leave(Kind kind);

 private:
  // On the waiter's own stack. All but `granted` belongs to guard_.
  struct Waiter {
    Kind kind;
    bool is_queued = true;
    Waiter* next = nullptr;
    Waiter* previous = nullptr;
    Atomic<uint32_t> granted{0};
  };

  bool may_enter(Kind kind) const REQUIRES(guard_);
  void count(Kind kind) REQUIRES(guard_);
  void append(Waiter& waiter) REQUIRES(guard_);
  void remove(Waiter& waiter) REQUIRES(guard_);
  // Lets in those at the head who may, and takes them out of the queue: a list of those to wake.
  Waiter* let_in() REQUIRES(guard_);
  static void wake(Waiter* list);
  bool give_up(Waiter& waiter);

  Lock guard_;
  bool is_written_ GUARDED_BY(guard_) = false;
  uint32_t readers_ GUARDED_BY(guard_) = 0;
  Waiter* first_ GUARDED_BY(guard_) = nullptr;
  Waiter* last_ GUARDED_BY(guard_) = nullptr;
};

class CAPABILITY("shared_mutex") shared_timed_mutex : public shared_mutex {
 public:
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& duration) TRY_ACQUIRE(true) {
    return enter(Kind::writer, instant_after(duration));
  }
  template <typename Clock, typename Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time) TRY_ACQUIRE(true) {
    return wait_until_time(time,
                           [this](Instant deadline) { return enter(Kind::writer, deadline); });
  }
  template <typename Rep, typename Period>
  bool try_lock_shared_for(const std::chrono::duration<Rep, Period>& duration)
      TRY_ACQUIRE_SHARED(true) {
    return enter(Kind::reader, instant_after(duration));
  }
  template <typename Clock, typename Duration>
  bool try_lock_shared_until(const std::chrono::time_point<Clock, Duration>& time)
      TRY_ACQUIRE_SHARED(true) {
    return wait_until_time(time,
                           [this](Instant deadline) { return enter(Kind::reader, deadline); });
  }
};

}  // namespace weft
