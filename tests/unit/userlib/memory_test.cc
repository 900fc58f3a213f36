// memcpy and its family, compiled under other names so that they don't take the place of the host's.
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
void* tested_memcpy(void* target, const void* source, size_t count);
void* tested_memmove(void* target, const void* source, size_t count);
void* tested_memset(void* target, int value, size_t count);
int tested_memcmp(const void* a, const void* b, size_t count);
const void* tested_memchr(const void* bytes, int value, size_t count);
size_t tested_strlen(const char* text);
}

namespace {

std::vector<char> numbered(size_t size) {
  std::vector<char> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + 1);
  return bytes;
}

TEST(Memory, CopiesEverySizeAtEveryAlignment) {
  for (size_t count = 0; count < 100; ++count) {
    for (size_t shift = 0; shift < 17; ++shift) {
      const auto source = numbered(count + shift + 1);
      std::vector<char> target(count + 2, '\0');
      EXPECT_EQ(tested_memcpy(target.data() + 1, source.data() + shift, count), target.data() + 1);
      EXPECT_EQ(target.front(), '\0');
      EXPECT_EQ(target.back(), '\0');
      EXPECT_EQ(std::memcmp(target.data() + 1, source.data() + shift, count), 0)
          << count << " " << shift;
    }
  }
}

TEST(Memory, MovesOverItself) {
  for (size_t count = 0; count < 70; ++count) {
    for (size_t from = 0; from < 40; ++from) {
      for (size_t to = 0; to < 40; ++to) {
        auto tested = numbered(120);
        auto expected = tested;
        tested_memmove(tested.data() + to, tested.data() + from, count);
        std::memmove(expected.data() + to, expected.data() + from, count);
        ASSERT_EQ(tested, expected) << count << " bytes from " << from << " to " << to;
      }
    }
  }
}

TEST(Memory, FillsExactly) {
  for (size_t count = 0; count < 100; ++count) {
    std::vector<char> bytes(count + 2, 'x');
    tested_memset(bytes.data() + 1, 0x1fe, count);
    EXPECT_EQ(bytes.front(), 'x');
    EXPECT_EQ(bytes.back(), 'x');
    for (size_t i = 1; i <= count; ++i) ASSERT_EQ(bytes[i], static_cast<char>(0xfe));
  }
}

TEST(Memory, ComparesAsUnsigned) {
  for (size_t size = 1; size < 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      auto a = numbered(size);
      auto b = a;
      EXPECT_EQ(tested_memcmp(a.data(), b.data(), size), 0);
      a[at] = 1;
      b[at] = static_cast<char>(0xf0);
      EXPECT_LT(tested_memcmp(a.data(), b.data(), size), 0);
      EXPECT_GT(tested_memcmp(b.data(), a.data(), size), 0);
      EXPECT_EQ(tested_memcmp(a.data(), b.data(), at), 0);
    }
  }
}

TEST(Memory, FindsBytesAndEnds) {
  const std::string text = "abcabc";
  EXPECT_EQ(tested_memchr(text.data(), 'c', 6), text.data() + 2);
  EXPECT_EQ(tested_memchr(text.data(), 'c', 2), nullptr);
  EXPECT_EQ(tested_strlen("four"), 4u);
  EXPECT_EQ(tested_strlen(""), 0u);
}

}  // namespace
