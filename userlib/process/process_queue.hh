// process_queue<T, k_capacity>: a bounded queue in memory that several processes share; put it there with
// shared<...>. A process that dies in the middle of something harms nobody: an item is in when the last
// write of push() is done, and not before.
//
// Answers as of queue: Errno::pipe when it is closed, and for pop also empty; Errno::again; Errno::timedout.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/base/result.hh"
#include "userlib/process/process_condition_variable.hh"
#include "userlib/process/process_mutex.hh"
#include "userlib/thread/lock.hh"

namespace weft {

template <typename T, size_t k_capacity>
  requires std::is_trivially_copyable_v<T>
class process_queue {
 public:
  Result<> push(const T& item) { return push_until_instant(item, k_never); }
  Result<> try_push(const T& item) { return push_until_instant(item, 0); }
  template <typename Rep, typename Period>
  Result<> push_for(const T& item, const std::chrono::duration<Rep, Period>& duration) {
    return push_until_instant(item, instant_after(duration));
  }
  template <typename Clock, typename Duration>
  Result<> push_until(const T& item, const std::chrono::time_point<Clock, Duration>& time) {
    return result_until_time(time,
                             [&](Instant deadline) { return push_until_instant(item, deadline); });
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

  void close() {
    unique_lock held(mutex_);
    accept_an_owners_death();
    is_closed_ = true;
    held.unlock();
    not_empty_.notify_all();
    not_full_.notify_all();
  }
  bool is_closed() {
    const unique_lock held(mutex_);
    accept_an_owners_death();
    return is_closed_;
  }
  // How many there were a moment ago.
  size_t size() {
    const unique_lock held(mutex_);
    accept_an_owners_death();
    return pushed_ - popped_;
  }
  static constexpr size_t capacity() { return k_capacity; }

 private:
  // Whatever it was about to do has either happened or not: there is nothing to repair. But it may have
  // died before it told the others.
  void accept_an_owners_death() {
    if (!mutex_.owner_died()) return;
    mutex_.make_consistent();
    not_empty_.notify_all();
    not_full_.notify_all();
  }

  Result<> push_until_instant(const T& item, Instant deadline) {
    unique_lock held(mutex_);
    accept_an_owners_death();
    while (!is_closed_ && pushed_ - popped_ == k_capacity) {
      if (deadline == 0) return fail(Errno::again);
      const bool in_time = not_full_.wait_until_instant(held, deadline);
      accept_an_owners_death();
      if (!in_time && !is_closed_ && pushed_ - popped_ == k_capacity) return fail(Errno::timedout);
    }
    if (is_closed_) return fail(Errno::pipe);
    items_[pushed_ % k_capacity] = item;
    std::atomic_signal_fence(std::memory_order_seq_cst);  // we may die between the two
    pushed_ += 1;
    held.unlock();
    not_empty_.notify_one();
    return {};
  }

  Result<T> pop_until_instant(Instant deadline) {
    unique_lock held(mutex_);
    accept_an_owners_death();
    while (pushed_ == popped_) {
      if (is_closed_) return fail(Errno::pipe);
      if (deadline == 0) return fail(Errno::again);
      const bool in_time = not_empty_.wait_until_instant(held, deadline);
      accept_an_owners_death();
      if (!in_time && !is_closed_ && pushed_ == popped_) return fail(Errno::timedout);
    }
    const T item = items_[popped_ % k_capacity];
    popped_ += 1;
    held.unlock();
    not_full_.notify_one();
    return item;
  }

  process_mutex mutex_;
  process_condition_variable not_empty_;
  process_condition_variable not_full_;
  bool is_closed_ = false;
  uint64_t pushed_ = 0;  // so many came in, and so many went out, since the beginning
  uint64_t popped_ = 0;
  T items_[k_capacity] = {};
};

}  // namespace weft
