// Buffer<T>: a bounded buffer. put() waits while it is full, take() while it is empty; whoever makes room, or
// brings something, wakes who waits for that. The lab's tests use it with plain numbers.
#pragma once

#include <array>
#include <cstddef>

#include "core/sync/condvar.hh"
#include "core/sync/mutex.hh"

namespace weft::labs {

template <typename T, size_t k_room>
class Buffer {
 public:
  // Puts a value behind all that are there. May block.
  void put(T value) {
    MutexGuard guard(mutex_);
    // lab:semaphore begin 4
    while (count_ == k_room) not_full_.wait(mutex_);
    values_[(first_ + count_) % k_room] = value;
    ++count_;
    not_empty_.notify_one();
    // lab:semaphore stub: panic("not implemented: lab semaphore, part 4");
    // lab:semaphore end
  }

  // Takes the value that has been there longest. May block.
  T take() {
    MutexGuard guard(mutex_);
    // lab:semaphore begin 4
    while (count_ == 0) not_empty_.wait(mutex_);
    const T value = values_[first_];
    first_ = (first_ + 1) % k_room;
    --count_;
    not_full_.notify_one();
    return value;
    // lab:semaphore stub: panic("not implemented: lab semaphore, part 4");
    // lab:semaphore end
  }

 private:
  Mutex mutex_{Rank::user};
  CondVar not_full_;
  CondVar not_empty_;
  std::array<T, k_room> values_{};
  size_t first_ = 0;
  size_t count_ = 0;
};

}  // namespace weft::labs
