#include "userlib/base/text.hh"

#include <gtest/gtest.h>

#include "userlib/base/file.hh"
#include "userlib/bin/files/calendar.hh"
#include "userlib/bin/files/mode.hh"
#include "userlib/bin/text/escapes.hh"

namespace weft {
namespace {

TEST(ParseNumber, WantsAWholeNumber) {
  EXPECT_EQ(parse_number("42"), 42);
  EXPECT_EQ(parse_number("-42"), -42);
  EXPECT_EQ(parse_number("+7"), 7);
  EXPECT_EQ(parse_number("755", 8), 0755);
  EXPECT_EQ(parse_number("fF", 16), 255);
  for (const char* wrong : {"", "-", "4x", " 4", "4 ", "8-", "0x10"})
    EXPECT_FALSE(parse_number(wrong)) << wrong;
  EXPECT_FALSE(parse_number("8", 8));
}

TEST(ParseNumber, KnowsItsLimits) {
  EXPECT_EQ(parse_number("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_number("-9223372036854775808"), INT64_MIN);
  EXPECT_FALSE(parse_number("9223372036854775808"));
  EXPECT_FALSE(parse_number("-9223372036854775809"));
  EXPECT_FALSE(parse_number("99999999999999999999999"));
}

TEST(Split, KeepsEmptyPieces) {
  const auto pieces = split("a::b:", ':');
  ASSERT_EQ(pieces.size(), 4u);
  EXPECT_EQ(pieces[1], "");
  EXPECT_EQ(pieces[3], "");
  EXPECT_EQ(split("", ':').size(), 1u);
}

TEST(SplitWords, DropsBlanks) {
  const auto words = split_words("  one\ttwo \n three ");
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[1], "two");
  EXPECT_TRUE(split_words(" \t ").empty());
}

TEST(Signals, HaveNamesAndNumbers) {
  EXPECT_EQ(parse_signal("INT"), 2);
  EXPECT_EQ(parse_signal("SIGKILL"), 9);
  EXPECT_EQ(parse_signal("15"), 15);
  EXPECT_EQ(parse_signal("0"), 0);
  EXPECT_FALSE(parse_signal("NONE"));
  EXPECT_FALSE(parse_signal("99"));
  EXPECT_EQ(signal_name(11), "SEGV");
  EXPECT_EQ(signal_name(60), "");
}

TEST(Paths, AreTakenApart) {
  EXPECT_EQ(base_name("/a/b"), "b");
  EXPECT_EQ(base_name("/a/b//"), "b");
  EXPECT_EQ(base_name("/"), "/");
  EXPECT_EQ(base_name("a"), "a");
  EXPECT_EQ(directory_name("/a/b"), "/a");
  EXPECT_EQ(directory_name("/a//b/"), "/a");
  EXPECT_EQ(directory_name("/a"), "/");
  EXPECT_EQ(directory_name("a"), ".");
  EXPECT_EQ(join_path("/a", "b"), "/a/b");
  EXPECT_EQ(join_path("/", "b"), "/b");
  EXPECT_EQ(join_path("", "b"), "b");
}

TEST(Calendar, KnowsTheDays) {
  const auto check = [](int64_t seconds, int64_t year, unsigned month, unsigned day,
                        unsigned weekday) {
    const CalendarTime time = calendar_time(seconds);
    EXPECT_EQ(time.year, year);
    EXPECT_EQ(time.month, month);
    EXPECT_EQ(time.day, day);
    EXPECT_EQ(time.weekday, weekday);
  };
  check(0, 1970, 1, 1, 4);
  check(-1, 1969, 12, 31, 3);
  check(951782400, 2000, 2, 29, 2);
  check(951868800, 2000, 3, 1, 3);
  check(4107542400, 2100, 3, 1, 1);  // 2100 is no leap year
  const CalendarTime time = calendar_time(1704067199);
  EXPECT_EQ(time.year, 2023);
  EXPECT_EQ(time.hour, 23u);
  EXPECT_EQ(time.second, 59u);
}

TEST(Mode, IsWrittenAndRead) {
  EXPECT_EQ(mode_text(0100755).view(), "-rwxr-xr-x");
  EXPECT_EQ(mode_text(0040700).view(), "drwx------");
  EXPECT_EQ(parse_mode("640", 0), 0640u);
  EXPECT_EQ(parse_mode("u+x", 0644), 0744u);
  EXPECT_EQ(parse_mode("go-rx,u=w", 0755), 0200u);
  EXPECT_FALSE(parse_mode("rwx", 0));
  EXPECT_FALSE(parse_mode("u+q", 0));
  EXPECT_FALSE(parse_mode("99999", 0));
}

TEST(Escapes, StandForCharacters) {
  String text;
  StringSink sink(text);
  EXPECT_TRUE(write_escaped(sink, "a\\tb\\n\\101\\x41\\\\q\\q"));
  EXPECT_EQ(text, "a\tb\nAA\\q\\q");
  EXPECT_FALSE(write_escaped(sink, "x\\cy"));
}

}  // namespace
}  // namespace weft
