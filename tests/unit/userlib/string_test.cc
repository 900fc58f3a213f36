#include "userlib/base/string.hh"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "userlib/base/vector.hh"

namespace weft {
namespace {

TEST(String, IsEmptyAtFirst) {
  const String text;
  EXPECT_TRUE(text.empty());
  EXPECT_STREQ(text.c_str(), "");
  EXPECT_EQ(text, "");
}

TEST(String, CopiesAreApart) {
  String a = "one";
  String b = a;
  b += " two";
  EXPECT_EQ(a, "one");
  EXPECT_EQ(b, "one two");
  a = b;
  EXPECT_EQ(a, "one two");
}

TEST(String, AppendsAPartOfItself) {
  String text = "abcdefghijklmno";
  for (int i = 0; i < 6; ++i) text += text.substr(0, text.size());
  EXPECT_EQ(text.size(), 15u * 64);
  EXPECT_TRUE(text.ends_with("abcdefghijklmno"));
}

TEST(String, FormatsWithoutALimit) {
  EXPECT_EQ(format_string("{}-{:03}", std::string(1000, 'x').c_str(), 7).size(), 1004u);
}

// The same random changes to ours and to the standard library's.
TEST(String, BehavesAsTheStandardOne) {
  std::mt19937 random(2);
  String ours;
  std::string standard;
  for (int step = 0; step < 5000; ++step) {
    const size_t at = standard.empty() ? 0 : random() % (standard.size() + 1);
    const std::string piece(random() % 5, static_cast<char>('a' + random() % 26));
    switch (random() % 5) {
      case 0:
        ours.append(piece);
        standard.append(piece);
        break;
      case 1:
        ours.insert(at, piece);
        standard.insert(at, piece);
        break;
      case 2: {
        const size_t count = random() % 6;
        if (at < standard.size()) {
          ours.erase(at, count);
          standard.erase(at, count);
        }
        break;
      }
      case 3:
        ours.resize(at, 'z');
        standard.resize(at, 'z');
        break;
      case 4: EXPECT_EQ(ours.find(piece), standard.find(piece)); break;
    }
    ASSERT_EQ(std::string(ours.c_str()), standard);
    ASSERT_EQ(ours.size(), standard.size());
  }
}

// An element that counts how many of its kind there are.
struct Counted {
  explicit Counted(int value) : value(value) { ++alive; }
  Counted(const Counted& other) : value(other.value) { ++alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --alive; }

  int value;
  static int alive;
};
int Counted::alive = 0;

TEST(Vector, EndsItsElements) {
  {
    Vector<Counted> numbers;
    for (int i = 0; i < 100; ++i) numbers.push_back(Counted(i));
    Vector<Counted> copy = numbers;
    copy.erase(0);
    copy.insert(50, Counted(-1));
    EXPECT_EQ(Counted::alive, 200);
    EXPECT_EQ(copy[0].value, 1);
    EXPECT_EQ(copy[50].value, -1);
    EXPECT_EQ(copy[51].value, 51);
    numbers = std::move(copy);
    EXPECT_EQ(numbers.back().value, 99);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Vector, TakesAnElementOfItsOwn) {
  Vector<String> texts = {"first", "b", "c", "d"};
  for (int i = 0; i < 20; ++i) texts.push_back(texts[0]);
  EXPECT_EQ(texts.back(), "first");
}

}  // namespace
}  // namespace weft
