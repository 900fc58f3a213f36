// local<T>: a variable of which each coroutine has its own. It begins as T() where it is first used, and
// goes with its coroutine. The variable itself is a global, which serves as the name.
#pragma once

#include "userlib/coro/go.hh"

namespace weft::coro {
namespace detail {

// One variable of one coroutine.
struct LocalNode {
  const void* name;
  LocalNode* next;
  void (*destroy)(LocalNode* node);
};

// The list of the coroutine that runs here; plain threads and tasks have none.
LocalNode*& own_locals();
void drop_locals(LocalNode* first);

}  // namespace detail

template <typename T>
class local {
 public:
  constexpr local() = default;
  local(const local&) = delete;
  local& operator=(const local&) = delete;

  // The value in a node that has this variable's name.
  static const T& value_in(const detail::LocalNode& node) {
    return static_cast<const Node&>(node).value;
  }

  T& operator*() { return find(); }
  T* operator->() { return &find(); }

 private:
  struct Node : detail::LocalNode {
    T value{};
  };

  T& find() {
    detail::LocalNode*& first = detail::own_locals();
    for (detail::LocalNode* each = first; each != nullptr; each = each->next) {
      if (each->name == this) return static_cast<Node*>(each)->value;
    }
    auto* node = new Node;
    node->name = this;
    node->next = first;
    node->destroy = [](detail::LocalNode* own) { delete static_cast<Node*>(own); };
    first = node;
    return node->value;
  }
};

}  // namespace weft::coro
