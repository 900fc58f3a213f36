// Ring<T>: a queue of elements in one block of memory, which grows when it is full.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

#include "core/base/assert.hh"

namespace weft {

template <typename T>
class Ring {
 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    while (!empty()) (void)pop_front();
    ::operator delete(data_);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void push_back(T&& item) {
    if (size_ == room_) grow();
    new (place(size_)) T(std::move(item));
    ++size_;
  }
  T pop_front() {
    ASSERT(size_ > 0, "an empty ring has no first element");
    T* first = place(0);
    T item(std::move(*first));
    first->~T();
    first_ = (first_ + 1) & (room_ - 1);
    --size_;
    return item;
  }

 private:
  // The room is a power of two.
  T* place(size_t index) { return data_ + ((first_ + index) & (room_ - 1)); }

  void grow() {
    const size_t room = std::max<size_t>(8, room_ * 2);
    T* moved = static_cast<T*>(::operator new(room * sizeof(T)));
    for (size_t i = 0; i < size_; ++i) {
      new (moved + i) T(std::move(*place(i)));
      place(i)->~T();
    }
    ::operator delete(data_);
    data_ = moved;
    room_ = room;
    first_ = 0;
  }

  T* data_ = nullptr;
  size_t first_ = 0;
  size_t size_ = 0;
  size_t room_ = 0;
};

}  // namespace weft
