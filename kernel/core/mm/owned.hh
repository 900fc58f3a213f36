// Owned<T>: the one owner of an object from the heap; destroys it at the end. mm::make<T>(...) gives
// one. It moves, it doesn't copy.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include "core/base/assert.hh"

namespace weft::mm {

// Of the heap (heap.hh).
void free(void* memory);

template <typename T>
class [[nodiscard]] Owned {
 public:
  Owned() = default;
  // Takes over an object that mm::make() or a cache has made.
  explicit Owned(T* object) : object_(object) {}
  ~Owned() { reset(); }

  Owned(Owned&& other) : object_(other.release()) {}
  Owned& operator=(Owned&& other) {
    if (this != &other) {
      reset();
      object_ = other.release();
    }
    return *this;
  }

  // An owner of a derived object becomes an owner of its base, which must be its first part.
  template <typename Derived>
    requires std::derived_from<Derived, T> && std::has_virtual_destructor_v<T>
  Owned(Owned<Derived>&& other) {
    Derived* const object = other.release();
    object_ = object;
    DEBUG_ASSERT(static_cast<void*>(object_) == static_cast<void*>(object),
                 "an owned object is freed at the address it was made at");
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

  // Hands the object over to the caller.
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }
  void reset() {
    if (object_ == nullptr) return;
    T* const object = release();
    std::destroy_at(object);
    free(object);
  }

 private:
  T* object_ = nullptr;
};

}  // namespace weft::mm
