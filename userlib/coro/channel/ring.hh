// Ring<T>: a queue of values in a circle of slots, which grows up to a bound.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include "core/base/assert.hh"

namespace weft::coro::detail {

template <typename T>
class Ring {
  static_assert(alignof(T) <= alignof(std::max_align_t), "the heap aligns no further");

 public:
  explicit Ring(size_t bound) : bound_(bound) {}
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    while (!empty()) (void)pop();
    ::operator delete(slots_);
  }

  bool empty() const { return count_ == 0; }
  bool full() const { return count_ == bound_; }
  size_t size() const { return count_; }
  size_t bound() const { return bound_; }

  void push(T value) {
    ASSERT(!full(), "a ring takes no more than its bound");
    if (count_ == room_) grow();
    std::construct_at(&slots_[(first_ + count_) % room_], std::move(value));
    ++count_;
  }

  T pop() {
    ASSERT(!empty(), "an empty ring has no first value");
    T* slot = &slots_[first_];
    T value = std::move(*slot);
    std::destroy_at(slot);
    first_ = (first_ + 1) % room_;
    --count_;
    return value;
  }

 private:
  void grow() {
    const size_t room = std::min(bound_, std::max<size_t>(8, room_ * 2));
    T* slots = static_cast<T*>(::operator new(room * sizeof(T)));
    for (size_t i = 0; i < count_; ++i) {
      T* old = &slots_[(first_ + i) % room_];
      std::construct_at(&slots[i], std::move(*old));
      std::destroy_at(old);
    }
    ::operator delete(slots_);
    slots_ = slots;
    room_ = room;
    first_ = 0;
  }

  T* slots_ = nullptr;
  size_t room_ = 0;
  size_t first_ = 0;
  size_t count_ = 0;
  size_t bound_;
};

}  // namespace weft::coro::detail
