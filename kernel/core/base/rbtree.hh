// RbTree<T, &T::hook, Order>: a sorted tree through a node inside each element (a red-black tree),
// so that inserting never allocates. Timers and the fair policy use it. The first element is at
// hand at once; insert and remove take O(log n). The tree owns nothing.
//
// `Order` says what sorted means, and may keep a summary of every subtree in its top element, with
// which a search can skip whole subtrees:
//   static bool before(const T& a, const T& b);
//   static void summarize(T& top, const T* left, const T* right);   // optional
// If it returns a bool, false says that the summary is what it was: then nothing changes above, either.
//
// The tricky part is what keeps the tree flat. Each node is red or black, and always:
//   1. the root is black;   2. a red node has no red child;
//   3. every way down from a node to a missing child passes the same number of black nodes.
// So the longest way down is at most twice the shortest. A rotation changes the shape but not the
// order:        node                 riser
//              /    \     rotate     /    \         (here: rotate(node, left), the node sinks
//             a    riser   ==>     node    c         to the left)
//                  /   \           /  \              .
//                 b     c         a    b
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/assert.hh"

namespace weft {

// The links of one element. Alone, it leads nowhere.
class RbNode {
 public:
  RbNode() = default;
  RbNode(const RbNode&) = delete;
  RbNode& operator=(const RbNode&) = delete;

  bool is_linked() const { return color_ != Color::none; }

 private:
  template <typename T, RbNode T::* hook, typename Order>
  friend class RbTree;

  enum class Color : uint8_t { none, red, black };  // none: in no tree

  RbNode* parent_ = nullptr;
  RbNode* child_[2] = {nullptr, nullptr};  // left: what comes before; right: what comes after
  Color color_ = Color::none;
};

template <typename T, RbNode T::* hook, typename Order>
class RbTree {
 public:
  RbTree() = default;
  ~RbTree() { DEBUG_ASSERT(empty(), "a tree is empty when it dies"); }
  RbTree(const RbTree&) = delete;
  RbTree& operator=(const RbTree&) = delete;

  bool empty() const { return root_ == nullptr; }
  T* first() const { return element(first_); }
  T* last() const { return root_ == nullptr ? nullptr : element(outermost(root_, k_right)); }
  // The element behind this one, or nullptr; the element before it, or nullptr.
  static T* after(const T& item) { return element(neighbour(item.*hook, k_right)); }
  static T* before(const T& item) { return element(neighbour(item.*hook, k_left)); }

  // The shape, for searches that use the summaries and for checks.
  T* root() const { return element(root_); }
  static T* left_of(const T& item) { return element((item.*hook).child_[k_left]); }
  static T* right_of(const T& item) { return element((item.*hook).child_[k_right]); }

  // Behind all elements that it is equal to.
  void insert(T& item) {
    RbNode& node = item.*hook;
    DEBUG_ASSERT(!node.is_linked(), "an element is in one tree at a time");
    node.child_[k_left] = node.child_[k_right] = nullptr;
    if (root_ == nullptr) {  // so common (timers, run queues) that it has a short way
      root_ = first_ = &node;
      node.parent_ = nullptr;
      node.color_ = RbNode::Color::black;
      summarize(&node);
      return;
    }
    RbNode* parent;
    Side side;
    bool is_first = true;
    for (RbNode* place = root_; place != nullptr; place = place->child_[side]) {
      parent = place;
      side = Order::before(item, *element(place)) ? k_left : k_right;
      is_first = is_first && side == k_left;
    }
    if (is_first) first_ = &node;
    link(node, parent, side);
  }

  // For who knows the place: right behind that element, or in front of all. The order is the caller's
  // affair. O(1), but for summaries that change.
  void insert_behind(T* place, T& item) {
    if (root_ == nullptr) return insert(item);
    RbNode& node = item.*hook;
    DEBUG_ASSERT(!node.is_linked(), "an element is in one tree at a time");
    node.child_[k_left] = node.child_[k_right] = nullptr;
    RbNode* const before = place == nullptr ? nullptr : &(place->*hook);
    if (before == nullptr) {
      link(node, std::exchange(first_, &node), k_left);
    } else if (before->child_[k_right] == nullptr) {
      link(node, before, k_right);
    } else {
      link(node, outermost(before->child_[k_right], k_left), k_left);
    }
  }

  void remove(T& item) {
    RbNode& node = item.*hook;
    DEBUG_ASSERT(node.is_linked(), "only an element of a tree is removed");
    if (root_ == &node && node.child_[k_left] == node.child_[k_right]) {  // it is the only one
      root_ = first_ = nullptr;
      node.color_ = RbNode::Color::none;
      return;
    }
    if (first_ == &node) first_ = neighbour(node, k_right);

    // A place of the tree goes away: the node's own, or, if it has two children, the place of its
    // successor, which moves to the node's. `filler` comes up from below into the place's hole.
    RbNode* filler;
    RbNode* hole_parent;
    RbNode::Color lost_color;
    RbNode* moved = nullptr;  // to where its summary means nothing
    if (node.child_[k_left] != nullptr && node.child_[k_right] != nullptr) {
      RbNode* successor = outermost(node.child_[k_right], k_left);
      filler = successor->child_[k_right];
      lost_color = successor->color_;
      hole_parent = successor;
      if (successor->parent_ != &node) {
        hole_parent = successor->parent_;
        adopt(hole_parent, k_left, filler);
        adopt(successor, k_right, node.child_[k_right]);
      }
      adopt(successor, k_left, node.child_[k_left]);
      put_in_place_of(node, successor);
      successor->color_ = node.color_;
      moved = successor;
    } else {
      filler = node.child_[node.child_[k_left] != nullptr ? k_left : k_right];
      lost_color = node.color_;
      hole_parent = node.parent_;
      put_in_place_of(node, filler);
    }
    node.color_ = RbNode::Color::none;
    summarize_upward(hole_parent, moved);
    if (lost_color == RbNode::Color::red) return;
    if (is_red(filler)) {
      filler->color_ = RbNode::Color::black;  // in the place of the black that is lost
    } else {
      repair_black(filler, hole_parent);
    }
  }

  // The element's part of the summaries has changed; its place in the order hasn't.
  void refresh(T& item) { summarize_upward(&(item.*hook), &(item.*hook)); }

  // Asserts the three rules, the order, the links and the first element. For tests: O(n).
  void check() const {
    ASSERT(!is_red(root_), "the root is black");
    check_below(root_, nullptr);
    ASSERT(first_ == (root_ == nullptr ? nullptr : outermost(root_, k_left)),
           "the first element is the leftmost");
  }

 private:
  using Side = unsigned;
  static constexpr Side k_left = 0;
  static constexpr Side k_right = 1;
  static constexpr Side other(Side side) { return 1 - side; }

  // From the node back to the element around it. (A pointer to a data member is, in the ABI, the
  // member's offset.)
  static T* element(RbNode* node) {
    const auto offset = __builtin_bit_cast(ptrdiff_t, hook);
    return node == nullptr ? nullptr : reinterpret_cast<T*>(reinterpret_cast<char*>(node) - offset);
  }

  static bool is_red(const RbNode* node) {
    return node != nullptr && node->color_ == RbNode::Color::red;
  }

  static RbNode* outermost(RbNode* node, Side side) {
    while (node->child_[side] != nullptr) node = node->child_[side];
    return node;
  }

  // The next node on that side in the order: below this one, or the first ancestor that this one
  // stands on the other side of.
  static RbNode* neighbour(const RbNode& node, Side side) {
    if (node.child_[side] != nullptr) return outermost(node.child_[side], other(side));
    const RbNode* place = &node;
    while (place->parent_ != nullptr && place == place->parent_->child_[side]) {
      place = place->parent_;
    }
    return place->parent_;
  }

  // The node becomes that child, which the parent hasn't had.
  void link(RbNode& node, RbNode* parent, Side side) {
    parent->child_[side] = &node;
    node.parent_ = parent;
    node.color_ = RbNode::Color::red;
    summarize_upward(&node, &node);
    if (is_red(parent)) repair_red(&node);
  }

  static constexpr bool k_has_summaries =
      requires(T& top, const T* below) { Order::summarize(top, below, below); };

  // True if it changed, as far as `Order` tells.
  static bool summarize(RbNode* node) {
    if constexpr (k_has_summaries) {
      T* const left = element(node->child_[k_left]);
      T* const right = element(node->child_[k_right]);
      if constexpr (requires(T& top) { bool{Order::summarize(top, left, right)}; }) {
        return Order::summarize(*element(node), left, right);
      } else {
        Order::summarize(*element(node), left, right);
      }
    }
    return true;
  }

  // What stands below this node has changed; at the latest above `changed`, which is new in its place,
  // it may turn out to be of no consequence.
  static void summarize_upward(RbNode* node, RbNode* changed = nullptr) {
    if constexpr (k_has_summaries) {
      for (; node != nullptr; node = node->parent_) {
        const bool matters = summarize(node);
        if (node == changed) {
          changed = nullptr;
        } else if (!matters && changed == nullptr) {
          return;
        }
      }
    }
  }

  static void adopt(RbNode* parent, Side side, RbNode* child) {
    parent->child_[side] = child;
    if (child != nullptr) child->parent_ = parent;
  }

  // The newcomer (or nothing) takes the node's place below the node's parent.
  void put_in_place_of(const RbNode& node, RbNode* newcomer) {
    if (node.parent_ != nullptr) {
      adopt(node.parent_, &node == node.parent_->child_[k_left] ? k_left : k_right, newcomer);
    } else {
      root_ = newcomer;
      if (newcomer != nullptr) newcomer->parent_ = nullptr;
    }
  }

  // The node sinks to that side; its child on the other side rises into its place.
  void rotate(RbNode* node, Side side) {
    RbNode* riser = node->child_[other(side)];
    put_in_place_of(*node, riser);
    adopt(node, other(side), riser->child_[side]);
    adopt(riser, side, node);
    summarize(node);
    summarize(riser);
  }

  // The node is red, and so may be its parent, against rule 2; everything else is right.
  void repair_red(RbNode* node) {
    using enum RbNode::Color;
    while (is_red(node->parent_)) {
      RbNode* parent = node->parent_;
      RbNode* grandparent = parent->parent_;  // a red parent isn't the root
      const Side side = parent == grandparent->child_[k_left] ? k_left : k_right;
      RbNode* uncle = grandparent->child_[other(side)];
      if (is_red(uncle)) {  // both sides pass their red to the grandparent: look again up there
        parent->color_ = uncle->color_ = black;
        grandparent->color_ = red;
        node = grandparent;
        continue;
      }
      if (node == parent->child_[other(side)]) {  // bend outward, so that one rotation does it
        rotate(parent, side);
        parent = node;
      }
      parent->color_ = black;
      grandparent->color_ = red;
      rotate(grandparent, other(side));
      break;
    }
    root_->color_ = black;
  }

  // Every way through `node` (which may be nothing) below `parent` has one black too few, against
  // rule 3; everything else is right.
  void repair_black(RbNode* node, RbNode* parent) {
    using enum RbNode::Color;
    while (parent != nullptr && !is_red(node)) {
      const Side side = node == parent->child_[k_left] ? k_left : k_right;
      RbNode* sibling = parent->child_[other(side)];  // not nothing: its ways have a black more
      if (is_red(sibling)) {                          // get a black sibling first
        sibling->color_ = black;
        parent->color_ = red;
        rotate(parent, side);
        sibling = parent->child_[other(side)];
      }
      if (!is_red(sibling->child_[k_left]) && !is_red(sibling->child_[k_right])) {
        sibling->color_ = red;  // both sides are one short now: look again one higher
        node = parent;
        parent = node->parent_;
        continue;
      }
      if (!is_red(sibling->child_[other(side)])) {  // bring its red child to the far side
        sibling->child_[side]->color_ = black;
        sibling->color_ = red;
        rotate(sibling, other(side));
        sibling = parent->child_[other(side)];
      }
      sibling->color_ = parent->color_;
      parent->color_ = black;
      sibling->child_[other(side)]->color_ = black;
      rotate(parent, side);
      return;
    }
    if (node != nullptr) node->color_ = black;
  }

  // How many black nodes every way down from here passes.
  static unsigned check_below(RbNode* node, const RbNode* parent) {
    if (node == nullptr) return 0;
    ASSERT(node->parent_ == parent, "a child knows its parent");
    ASSERT(!(is_red(node) && is_red(parent)), "a red node has no red child");
    RbNode* left = node->child_[k_left];
    RbNode* right = node->child_[k_right];
    ASSERT(left == nullptr || !Order::before(*element(node), *element(left)), "left is not after");
    ASSERT(right == nullptr || !Order::before(*element(right), *element(node)),
           "right is not before");
    const unsigned blacks = check_below(left, node);
    ASSERT(check_below(right, node) == blacks, "all ways down pass as many black nodes");
    return blacks + (is_red(node) ? 0 : 1);
  }

  RbNode* root_ = nullptr;
  RbNode* first_ = nullptr;  // the leftmost: asked for far more often than it changes
};

}  // namespace weft
