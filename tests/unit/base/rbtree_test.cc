// The tree against std::multiset: the same random inserts and removals, the same order, and after
// each of them the tree's own rules.
#include "core/base/rbtree.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <set>
#include <vector>

#include "unit/support/random.hh"
#include "unit/support/seeds.hh"

namespace weft {
namespace {

struct Item {
  int key = 0;
  int weight = 0;
  int least_weight = 0;  // in the subtree below, this one included
  RbNode node;
};

struct ByKey {
  static bool before(const Item& a, const Item& b) { return a.key < b.key; }
  static void summarize(Item& top, const Item* left, const Item* right) {
    top.least_weight = top.weight;
    if (left != nullptr) top.least_weight = std::min(top.least_weight, left->least_weight);
    if (right != nullptr) top.least_weight = std::min(top.least_weight, right->least_weight);
  }
};
using Tree = RbTree<Item, &Item::node, ByKey>;

// The same, but says when nothing changes above.
struct Thrifty : ByKey {
  static bool summarize(Item& top, const Item* left, const Item* right) {
    const int before = top.least_weight;
    ByKey::summarize(top, left, right);
    return top.least_weight != before;
  }
};
using ThriftyTree = RbTree<Item, &Item::node, Thrifty>;

struct ByKeyOnly {
  static bool before(const Item& a, const Item& b) { return a.key < b.key; }
};

template <typename Tree>
std::vector<int> keys_of(const Tree& tree) {
  std::vector<int> keys;
  for (const Item* item = tree.first(); item != nullptr; item = tree.after(*item)) {
    keys.push_back(item->key);
  }
  return keys;
}

template <typename Tree>
std::vector<int> keys_backwards(const Tree& tree) {
  std::vector<int> keys;
  for (const Item* item = tree.last(); item != nullptr; item = tree.before(*item)) {
    keys.push_back(item->key);
  }
  return keys;
}

// The true least weight below `top`; expects every summary on the way to be true.
int expect_true_summaries(const Item* top) {
  if (top == nullptr) return INT_MAX;
  const int least = std::min({top->weight, expect_true_summaries(Tree::left_of(*top)),
                              expect_true_summaries(Tree::right_of(*top))});
  EXPECT_EQ(top->least_weight, least) << "at key " << top->key;
  return least;
}

int depth_below(const Item* top) {
  if (top == nullptr) return 0;
  return 1 + std::max(depth_below(Tree::left_of(*top)), depth_below(Tree::right_of(*top)));
}

TEST(RbTree, IsEmptyAtFirst) {
  Tree tree;
  EXPECT_TRUE(tree.empty());
  EXPECT_EQ(tree.first(), nullptr);
  EXPECT_EQ(tree.last(), nullptr);
  EXPECT_EQ(tree.root(), nullptr);
  tree.check();
}

TEST(RbTree, OneElementComesAndGoesAgainAndAgain) {
  Tree tree;
  Item item;
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(item.node.is_linked());
    tree.insert(item);
    EXPECT_TRUE(item.node.is_linked());
    EXPECT_EQ(tree.first(), &item);
    EXPECT_EQ(tree.after(item), nullptr);
    tree.remove(item);
    EXPECT_TRUE(tree.empty());
    EXPECT_EQ(tree.first(), nullptr);
  }
}

TEST(RbTree, EqualElementsStayInTheOrderTheyCame) {
  Tree tree;
  Item items[8];
  for (Item& item : items) tree.insert(item);
  Item* expected = items;
  for (Item* item = tree.first(); item != nullptr; item = tree.after(*item)) {
    EXPECT_EQ(item, expected++);
  }
  for (Item& item : items) tree.remove(item);
}

TEST(RbTree, StaysFlatWhenTheKeysComeInOrder) {
  constexpr int k_count = 1 << 10;
  Tree tree;
  std::vector<Item> items(k_count);
  for (int i = 0; i < k_count; ++i) {
    items[i].key = i;
    tree.insert(items[i]);
  }
  EXPECT_LE(depth_below(tree.root()), 2 * 11);  // twice the least depth that holds so many
  for (Item& item : items) {
    EXPECT_EQ(tree.first(), &item);
    tree.remove(item);
  }
  EXPECT_TRUE(tree.empty());
}

TEST(RbTree, WorksWithoutSummaries) {
  RbTree<Item, &Item::node, ByKeyOnly> tree;
  Item items[3];
  items[0].key = 2;
  items[1].key = 1;
  items[2].key = 3;
  for (Item& item : items) tree.insert(item);
  EXPECT_EQ(tree.first(), &items[1]);
  for (Item& item : items) tree.remove(item);
}

// Puts it behind all that it is not before, as insert() does, but says where.
template <typename Tree>
void insert_at_its_place(Tree& tree, Item& item) {
  Item* place = nullptr;
  for (Item* other = tree.first(); other != nullptr && !ByKey::before(item, *other);
       other = tree.after(*other)) {
    place = other;
  }
  tree.insert_behind(place, item);
}

template <typename Tree>
void compare_with_multiset(uint64_t seed) {
  host::Random random(seed);
  const int64_t key_range = seed % 2 == 0 ? 10 : 100'000;  // many equal keys, or hardly any
  const uint64_t likely_size = uint64_t{1} << (seed % 8);

  Tree tree;
  std::multiset<int> model;
  std::vector<std::unique_ptr<Item>> inside;
  for (int step = 0; step < 3000; ++step) {
    if (inside.empty() || random.below(inside.size() + likely_size) < likely_size) {
      auto item = std::make_unique<Item>();
      item->key = static_cast<int>(random.between(1, key_range));
      item->weight = static_cast<int>(random.below(1000));
      random.once_in(2) ? tree.insert(*item) : insert_at_its_place(tree, *item);
      model.insert(item->key);
      inside.push_back(std::move(item));
    } else {
      std::swap(inside[random.below(inside.size())], inside.back());
      tree.remove(*inside.back());
      model.erase(model.find(inside.back()->key));
      inside.pop_back();
    }
    if (!inside.empty() && random.once_in(4)) {
      Item& changed = *inside[random.below(inside.size())];
      changed.weight = static_cast<int>(random.below(1000));
      tree.refresh(changed);
    }
    tree.check();
    expect_true_summaries(tree.root());
    ASSERT_EQ(keys_of(tree), std::vector<int>(model.begin(), model.end())) << "step " << step;
    ASSERT_EQ(keys_backwards(tree), std::vector<int>(model.rbegin(), model.rend()));
  }
  for (auto& item : inside) tree.remove(*item);
  EXPECT_TRUE(tree.empty());
}

TEST(RbTree, AgreesWithMultisetOverRandomOperations) {
  host::for_seeds(16, compare_with_multiset<Tree>);
}

TEST(RbTree, StopsWhereASummaryStaysAsItWas) {
  host::for_seeds(16, compare_with_multiset<ThriftyTree>);
}

}  // namespace
}  // namespace weft
