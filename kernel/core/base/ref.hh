// Ref<T>: one of several owners of an object that counts them itself. The last to go ends it.
//   struct Thing : RefCounted { static void last_reference_gone(Thing& thing) { ... } };
#pragma once

#include <cstdint>
#include <utility>

#include "core/base/assert.hh"
#include "core/base/atomic.hh"

namespace weft {

// The count. A new object has one reference, its maker's: Ref<T>::adopt() takes it.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  uint32_t reference_count() const { return references_.load(relaxed); }

 protected:
  ~RefCounted() = default;

 private:
  template <typename T>
  friend class Ref;

  void add_reference() { references_.fetch_add(1, relaxed); }
  // True if it was the last. The release orders this owner's writes before the end, the acquire
  // lets whoever ends the object see all owners' writes.
  bool drop_reference() { return references_.fetch_sub(1, acq_rel) == 1; }
  // For who found the object without owning it: false if it is ending already.
  bool add_reference_unless_ending() {
    uint32_t count = references_.load(relaxed);
    while (count != 0) {
      if (references_.compare_exchange(count, count + 1, relaxed)) return true;
    }
    return false;
  }

  Atomic<uint32_t> references_{1};
};

template <typename T>
class Ref {
 public:
  Ref() = default;
  // Takes over the reference that the caller has.
  static Ref adopt(T* object) { return Ref(object); }
  // One more reference to an object that somebody owns.
  static Ref share(T& object) {
    counted(object).add_reference();
    return Ref(&object);
  }
  // The same for an object that may be ending just now: then an empty Ref. The caller sees to it
  // that the object's memory is still there.
  static Ref share_unless_ending(T& object) {
    return counted(object).add_reference_unless_ending() ? Ref(&object) : Ref();
  }

  Ref(const Ref& other) : object_(other.object_) {
    if (object_ != nullptr) counted(*object_).add_reference();
  }
  Ref(Ref&& other) : object_(std::exchange(other.object_, nullptr)) {}
  template <typename Derived>
  Ref(Ref<Derived> other) : object_(other.release()) {}
  Ref& operator=(Ref other) {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { reset(); }

  void reset() {
    T* const object = std::exchange(object_, nullptr);
    if (object != nullptr && counted(*object).drop_reference()) T::last_reference_gone(*object);
  }
  // Hands the reference to the caller.
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const Ref& other) const { return object_ == other.object_; }

 private:
  explicit Ref(T* object) : object_(object) {}
  static RefCounted& counted(T& object) { return object; }

  T* object_ = nullptr;
};

}  // namespace weft
