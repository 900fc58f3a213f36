// Vector<T>: elements side by side, as many as needed. The names are std::vector's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <new>
#include <utility>

#include "core/base/assert.hh"

namespace weft {

template <typename T>
class Vector {
 public:
  Vector() = default;
  Vector(std::initializer_list<T> items) {
    reserve(items.size());
    for (const T& item : items) push_back(item);
  }
  Vector(Vector&& other) noexcept { swap(other); }
  Vector(const Vector& other) {
    reserve(other.size_);
    for (const T& item : other) push_back(item);
  }
  Vector& operator=(Vector other) noexcept {
    swap(other);
    return *this;
  }
  ~Vector() {
    clear();
    ::operator delete(data_);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](size_t index) {
    DEBUG_ASSERT(index < size_, "an index lies inside its vector");
    return data_[index];
  }
  const T& operator[](size_t index) const {
    DEBUG_ASSERT(index < size_, "an index lies inside its vector");
    return data_[index];
  }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& front() const { return (*this)[0]; }
  const T& back() const { return (*this)[size_ - 1]; }

  void reserve(size_t room) {
    if (room <= room_) return;
    T* moved = static_cast<T*>(::operator new(room * sizeof(T)));
    for (size_t i = 0; i < size_; ++i) {
      new (moved + i) T(std::move(data_[i]));
      data_[i].~T();
    }
    ::operator delete(data_);
    data_ = moved;
    room_ = room;
  }

  // The item may be an element of this very vector: it is taken before anything moves.
  void push_back(T item) {
    if (size_ == room_) reserve(std::max<size_t>(4, room_ * 2));
    new (data_ + size_) T(std::move(item));
    ++size_;
  }

  void pop_back() {
    DEBUG_ASSERT(size_ > 0, "an empty vector has no last element");
    data_[--size_].~T();
  }

  void insert(size_t index, T item) {
    push_back(std::move(item));
    std::rotate(data_ + index, data_ + size_ - 1, data_ + size_);
  }

  void erase(size_t index) {
    std::move(data_ + index + 1, data_ + size_, data_ + index);
    pop_back();
  }

  void clear() {
    while (size_ > 0) pop_back();
  }

  void swap(Vector& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(room_, other.room_);
  }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
  size_t room_ = 0;
};

}  // namespace weft
