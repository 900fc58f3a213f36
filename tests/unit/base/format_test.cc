#include "core/base/format.hh"

#include <climits>
#include <string>

#include <gtest/gtest.h>

namespace weft {
namespace {

template <typename... Values>
std::string text(std::string_view pattern, const Values&... values) {
  return std::string(Text<200>(pattern, values...).view());
}

TEST(Format, PrintsEachKindOfValue) {
  EXPECT_EQ(text("plain"), "plain");
  EXPECT_EQ(text("{} {}", "text", std::string_view("view")), "text view");
  EXPECT_EQ(text("{}{}", 'x', '\n'), "x\n");
  EXPECT_EQ(text("{} {}", true, false), "true false");
  EXPECT_EQ(text("{} {} {}", 0, 42u, -7), "0 42 -7");
  EXPECT_EQ(text("{}", reinterpret_cast<const void*>(0xbeef)), "0xbeef");
  EXPECT_EQ(text("{}", PhysAddr{0x1000}), "0x1000");
  EXPECT_EQ(text("{}", Errno::nomem), "ENOMEM");
}

TEST(Format, PrintsTheLargestAndTheSmallestNumbers) {
  EXPECT_EQ(text("{}", UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(text("{}", INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(text("{:x}", UINT64_MAX), "ffffffffffffffff");
  EXPECT_EQ(text("{}", INT_MIN), "-2147483648");
}

TEST(Format, FillsToAWidth) {
  EXPECT_EQ(text("[{:5}]", 42), "[   42]");    // numbers to the right
  EXPECT_EQ(text("[{:5}]", "ab"), "[ab   ]");  // text to the left
  EXPECT_EQ(text("[{:<5}]", 42), "[42   ]");
  EXPECT_EQ(text("[{:>5}]", "ab"), "[   ab]");
  EXPECT_EQ(text("[{:05}]", 42), "[00042]");
  EXPECT_EQ(text("[{:05}]", -42), "[-0042]");
  EXPECT_EQ(text("[{:08x}]", 0xbeef), "[0000beef]");
  EXPECT_EQ(text("[{:2}]", "longer"), "[longer]");
}

TEST(Format, BracketsAreDoubledToStandForThemselves) {
  EXPECT_EQ(text("{{}} {}", 1), "{} 1");
  EXPECT_EQ(text("}}"), "}");
}

TEST(Format, AWrongPatternPrintsWhatItCan) {
  EXPECT_EQ(text("{} {}", 1), "1 {?}");
  EXPECT_EQ(text("{}"), "{?}");
  EXPECT_EQ(text("a", 1), "a");
  EXPECT_EQ(text("open {", 1), "open {");
  EXPECT_EQ(text("shut }", 1), "shut }");
  EXPECT_EQ(text("{}", static_cast<const char*>(nullptr)), "(null)");
}

TEST(Format, TextCutsOffWhatDoesNotFit) {
  Text<4> small("{}", "abcdef");
  EXPECT_EQ(small.view(), "abcd");
  EXPECT_STREQ(small.c_str(), "abcd");
  small.write("more");
  EXPECT_EQ(small.view(), "abcd");
  small.clear();
  EXPECT_EQ(small.view(), "");
  EXPECT_STREQ(small.c_str(), "");
  format(small, "{}", 12);
  EXPECT_EQ(small.view(), "12");
}

}  // namespace
}  // namespace weft
