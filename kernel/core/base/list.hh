// List<T, &T::hook>: a doubly linked list through a hook inside each element, so that adding to a
// list never allocates. An element is in as many lists as it has hooks. The list owns nothing.
#pragma once

#include <cstddef>

#include "core/base/assert.hh"

namespace weft {

// The links of one element. Alone, it leads nowhere.
class ListHook {
 public:
  constexpr ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;

  bool is_linked() const { return next_ != nullptr; }

  // Takes the element out of the list it is in.
  void unlink() {
    DEBUG_ASSERT(is_linked(), "only an element of a list is unlinked");
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = nullptr;
  }

 private:
  template <typename T, ListHook T::* hook>
  friend class List;

  void link_before(ListHook& place) {
    DEBUG_ASSERT(!is_linked(), "an element is in one list at a time");
    next_ = &place;
    previous_ = place.previous_;
    previous_->next_ = this;
    place.previous_ = this;
  }

  ListHook* next_ = nullptr;
  ListHook* previous_ = nullptr;
};

template <typename T, ListHook T::* hook>
class List {
 public:
  class Iterator {
   public:
    explicit Iterator(ListHook* place) : place_(place) {}
    T& operator*() const { return element(*place_); }
    T* operator->() const { return &element(*place_); }
    Iterator& operator++() {
      place_ = place_->next_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    ListHook* place_;
  };

  constexpr List() { head_.next_ = head_.previous_ = &head_; }
  ~List() { DEBUG_ASSERT(empty(), "a list is empty when it dies"); }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const { return head_.next_ == &head_; }
  T* front() const { return empty() ? nullptr : &element(*head_.next_); }
  T* back() const { return empty() ? nullptr : &element(*head_.previous_); }
  // The element behind this one, or nullptr.
  T* after(const T& item) const {
    ListHook* next = (item.*hook).next_;
    return next == &head_ ? nullptr : &element(*next);
  }
  // The element before this one, or nullptr.
  T* before(const T& item) const {
    ListHook* previous = (item.*hook).previous_;
    return previous == &head_ ? nullptr : &element(*previous);
  }

  void push_back(T& item) { (item.*hook).link_before(head_); }
  void push_front(T& item) { (item.*hook).link_before(*head_.next_); }
  void insert_before(T& place, T& item) { (item.*hook).link_before(place.*hook); }
  // Behind nullptr is the front.
  void insert_behind(T* place, T& item) {
    (item.*hook).link_before(*(place == nullptr ? head_ : place->*hook).next_);
  }
  static void remove(T& item) { (item.*hook).unlink(); }

  T* pop_front() {
    T* first = front();
    if (first != nullptr) remove(*first);
    return first;
  }
  T* pop_back() {
    T* last = back();
    if (last != nullptr) remove(*last);
    return last;
  }

  // Takes all elements of `other`, in their order, behind its own; without a walk.
  void append(List& other) {
    if (other.empty()) return;
    ListHook* first = other.head_.next_;
    ListHook* last = other.head_.previous_;
    other.head_.next_ = other.head_.previous_ = &other.head_;
    first->previous_ = head_.previous_;
    first->previous_->next_ = first;
    last->next_ = &head_;
    head_.previous_ = last;
  }

  // While walking, only the element just visited may be taken out, and only after ++.
  Iterator begin() const { return Iterator(head_.next_); }
  Iterator end() const { return Iterator(const_cast<ListHook*>(&head_)); }

 private:
  // From the hook back to the element around it. (A pointer to a data member is, in the ABI, the
  // member's offset.)
  static T& element(ListHook& place) {
    const auto offset = __builtin_bit_cast(ptrdiff_t, hook);
    return *reinterpret_cast<T*>(reinterpret_cast<char*>(&place) - offset);
  }

  ListHook head_;
};

}  // namespace weft
