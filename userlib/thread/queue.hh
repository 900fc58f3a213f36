// queue<T>: handing things from threads to threads, in order. It may be bounded, so that those who
// produce do not run away from those who consume; and closed, so that those who wait learn the end.
//
// Answers: Errno::pipe, it is closed (to pop: and empty); Errno::again, it is full, or empty, just now;
// Errno::timedout. An item that is not taken stays with the caller.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/assert.hh"
#include "core/base/result.hh"
#include "userlib/base/ring.hh"
#include "userlib/thread/condition_variable.hh"
#include "userlib/thread/mutex.hh"

namespace weft {

template <typename T>
class queue {
 public:
  // At most that many things wait in it.
  explicit queue(size_t capacity = SIZE_MAX) : capacity_(capacity) {
    ASSERT(capacity > 0, "a queue has room for at least one");
  }
  queue(const queue&) = delete;
  queue& operator=(const queue&) = delete;

  Result<> push(T&& item) { return push_until_instant(item, k_never); }
  Result<> push(const T& item) { return push(T(item)); }
  Result<> try_push(T&& item) { return push_until_instant(item, 0); }
  Result<> try_push(const T& item) { return try_push(T(item)); }
  template <typename Rep, typename Period>
  Result<> push_for(T&& item, const std::chrono::duration<Rep, Period>& duration) {
    return push_until_instant(item, instant_after(duration));
  }
  template <typename Rep, typename Period>
  Result<> push_for(const T& item, const std::chrono::duration<Rep, Period>& duration) {
    return push_for(T(item), duration);
  }
  template <typename Clock, typename Duration>
  Result<> push_until(T&& item, const std::chrono::time_point<Clock, Duration>& time) {
    return result_until_time(time,
                             [&](Instant deadline) { return push_until_instant(item, deadline); });
  }
  template <typename Clock, typename Duration>
  Result<> push_until(const T& item, const std::chrono::time_point<Clock, Duration>& time) {
    return push_until(T(item), time);
  }

  Result<T> pop() { return pop_until_instant(k_never); }
  Result<T> try_pop() { return pop_until_instant(0); }
  template <typename Rep, typename Period>
  Result<T> pop_for(const std::chrono::duration<Rep, Period>& duration) {
    return pop_until_instant(instant_after(duration));
  }
  template <typename Clock, typename Duration>
  Result<T> pop_until(const std::chrono::time_point<Clock, Duration>& time) {
    return result_until_time(time,
                             [this](Instant deadline) { return pop_until_instant(deadline); });
  }

  // Nothing more comes in; what is in it may still be taken out. All that wait for more go on.
  void close() {
    {
      const lock_guard guard(mutex_);
      is_closed_ = true;
    }
    not_empty_.notify_all();
    not_full_.notify_all();
  }
  bool is_closed() const {
    const lock_guard guard(mutex_);
    return is_closed_;
  }
  // How many there were a moment ago.
  size_t size() const {
    const lock_guard guard(mutex_);
    return items_.size();
  }
  size_t capacity() const { return capacity_; }

 private:
  Result<> push_until_instant(T& item, Instant deadline) {
    unique_lock held(mutex_);
    while (!is_closed_ && items_.size() >= capacity_) {
      if (deadline == 0) return fail(Errno::again);
      if (!not_full_.wait_until_instant(held, deadline) && items_.size() >= capacity_ &&
          !is_closed_) {
        return fail(Errno::timedout);
      }
    }
    if (is_closed_) return fail(Errno::pipe);
    items_.push_back(std::move(item));
    held.unlock();
    not_empty_.notify_one();
    return {};
  }

  Result<T> pop_until_instant(Instant deadline) {
    unique_lock held(mutex_);
    while (items_.empty()) {
      if (is_closed_) return fail(Errno::pipe);
      if (deadline == 0) return fail(Errno::again);
      if (!not_empty_.wait_until_instant(held, deadline) && items_.empty() && !is_closed_)
        return fail(Errno::timedout);
    }
    Result<T> item(items_.pop_front());
    held.unlock();
    not_full_.notify_one();
    return item;
  }

  const size_t capacity_;
  mutable mutex mutex_;
  condition_variable not_empty_;
  condition_variable not_full_;
  Ring<T> items_;
  bool is_closed_ = false;
};

}  // namespace weft
