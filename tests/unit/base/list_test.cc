#include "core/base/list.hh"

#include <deque>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "unit/support/random.hh"
#include "unit/support/seeds.hh"

namespace weft {
namespace {

struct Item {
  explicit Item(int number) : number(number) {}
  int number;
  ListHook first_hook;
  ListHook second_hook;
};

using Items = List<Item, &Item::first_hook>;

std::vector<int> numbers(const Items& list) {
  std::vector<int> result;
  for (Item& item : list) result.push_back(item.number);
  return result;
}

void clear(Items& list) {
  while (list.pop_front() != nullptr) {
  }
}

using Numbers = std::vector<int>;

TEST(List, IsEmptyAtFirst) {
  Items list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.front(), nullptr);
  EXPECT_EQ(list.back(), nullptr);
  EXPECT_EQ(list.pop_front(), nullptr);
  EXPECT_EQ(list.pop_back(), nullptr);
  EXPECT_TRUE(numbers(list).empty());
}

TEST(List, KeepsTheOrderOfPushing) {
  Items list;
  Item a(1), b(2), c(3);
  list.push_back(b);
  list.push_back(c);
  list.push_front(a);
  EXPECT_EQ(numbers(list), Numbers({1, 2, 3}));
  EXPECT_EQ(list.front(), &a);
  EXPECT_EQ(list.back(), &c);
  EXPECT_EQ(list.after(a), &b);
  EXPECT_EQ(list.after(c), nullptr);
  clear(list);
}

TEST(List, InsertsBeforeAnElement) {
  Items list;
  Item a(1), b(2), c(3);
  list.push_back(b);
  list.insert_before(b, a);
  list.push_back(c);
  EXPECT_EQ(numbers(list), Numbers({1, 2, 3}));
  clear(list);
}

TEST(List, RemovesFromBothEndsAndTheMiddle) {
  Items list;
  Item a(1), b(2), c(3), d(4);
  for (Item* item : {&a, &b, &c, &d}) list.push_back(*item);
  Items::remove(b);
  EXPECT_FALSE(b.first_hook.is_linked());
  EXPECT_EQ(numbers(list), Numbers({1, 3, 4}));
  EXPECT_EQ(list.pop_back(), &d);
  EXPECT_EQ(list.pop_front(), &a);
  EXPECT_EQ(numbers(list), Numbers({3}));
  c.first_hook.unlink();
  EXPECT_TRUE(list.empty());
}

TEST(List, AnElementIsInAsManyListsAsItHasHooks) {
  Items first;
  List<Item, &Item::second_hook> second;
  Item a(1), b(2);
  first.push_back(a);
  first.push_back(b);
  second.push_back(b);
  second.push_back(a);
  EXPECT_EQ(first.front(), &a);
  EXPECT_EQ(second.front(), &b);
  clear(first);
  EXPECT_TRUE(a.second_hook.is_linked());
  EXPECT_EQ(second.pop_front(), &b);
  EXPECT_EQ(second.pop_front(), &a);
}

TEST(List, TheElementJustVisitedMayBeTakenOut) {
  Items list;
  Item a(1), b(2), c(3);
  for (Item* item : {&a, &b, &c}) list.push_back(*item);
  for (auto place = list.begin(); place != list.end();) {
    Item& item = *place;
    ++place;
    if (item.number != 2) Items::remove(item);
  }
  EXPECT_EQ(numbers(list), Numbers({2}));
  clear(list);
}

TEST(List, AgreesWithADequeOverRandomOperations) {
  host::for_seeds(20, [](uint64_t seed) {
    host::Random random(seed);
    Items list;
    std::deque<Item*> model;
    std::vector<std::unique_ptr<Item>> items;
    for (int step = 0; step < 500; ++step) {
      const auto choice = random.below(6);
      if (choice < 3) {
        Item* item = items.emplace_back(std::make_unique<Item>(step)).get();
        const auto at = model.empty() ? 0 : random.below(model.size());
        if (choice == 0) {
          list.push_back(*item);
          model.push_back(item);
        } else if (choice == 1 || model.empty()) {
          list.push_front(*item);
          model.push_front(item);
        } else {
          list.insert_before(*model[at], *item);
          model.insert(model.begin() + static_cast<ptrdiff_t>(at), item);
        }
      } else if (!model.empty()) {
        if (choice == 3) {
          ASSERT_EQ(list.pop_front(), model.front());
          model.pop_front();
        } else if (choice == 4) {
          ASSERT_EQ(list.pop_back(), model.back());
          model.pop_back();
        } else {
          const auto at = random.below(model.size());
          Items::remove(*model[at]);
          model.erase(model.begin() + static_cast<ptrdiff_t>(at));
        }
      }
      Numbers expected;
      for (const Item* item : model) expected.push_back(item->number);
      ASSERT_EQ(numbers(list), expected);
    }
    clear(list);
  });
}

TEST(ListDeathTest, AnElementIsInOneListAtATime) {
  EXPECT_DEATH(
      {
        Items one;
        Items two;
        Item a(1);
        one.push_back(a);
        two.push_back(a);
      },
      "an element is in one list at a time");
}

TEST(ListDeathTest, OnlyAnElementIsUnlinked) {
  EXPECT_DEATH(
      {
        Item a(1);
        Items::remove(a);
      },
      "only an element of a list is unlinked");
}

TEST(ListDeathTest, AListIsEmptyWhenItDies) {
  EXPECT_DEATH(
      {
        Item a(1);
        Items list;
        list.push_back(a);
      },
      "a list is empty when it dies");
}

}  // namespace
}  // namespace weft
