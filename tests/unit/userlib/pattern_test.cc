// Patterns of the shell, regular expressions of grep, and arithmetic.
#include "userlib/bin/sh/pattern.hh"

#include <regex>
#include <string>

#include <gtest/gtest.h>

#include "userlib/bin/sh/arithmetic.hh"
#include "userlib/bin/sh/parser.hh"
#include "userlib/bin/sh/variables.hh"
#include "userlib/bin/text/regex.hh"

namespace weft {
namespace {

TEST(Pattern, MatchesWholeTexts) {
  EXPECT_TRUE(sh::matches("abc", "abc"));
  EXPECT_FALSE(sh::matches("ab", "abc"));
  EXPECT_TRUE(sh::matches("a*c", "abbbc"));
  EXPECT_TRUE(sh::matches("*", ""));
  EXPECT_TRUE(sh::matches("a**b*", "aXbY"));
  EXPECT_FALSE(sh::matches("?", ""));
  EXPECT_TRUE(sh::matches("*.c", "a.b.c"));
}

TEST(Pattern, KnowsSets) {
  EXPECT_TRUE(sh::matches("[abc]", "b"));
  EXPECT_TRUE(sh::matches("[a-c]x", "bx"));
  EXPECT_FALSE(sh::matches("[!a-c]", "b"));
  EXPECT_TRUE(sh::matches("[]]", "]"));
  EXPECT_TRUE(sh::matches("[[:digit:]a]", "7"));
  EXPECT_TRUE(sh::matches("[a-]", "-"));
  EXPECT_TRUE(sh::matches("[", "["));
  EXPECT_TRUE(sh::matches("[a", "[a"));
}

TEST(Pattern, BackslashMakesOrdinary) {
  EXPECT_TRUE(sh::matches("\\*", "*"));
  EXPECT_FALSE(sh::matches("\\*", "x"));
  EXPECT_TRUE(sh::matches("[\\]]", "]"));
  EXPECT_FALSE(sh::has_wildcards("a\\*b\\?"));
  EXPECT_TRUE(sh::has_wildcards("a\\**"));
}

// Many stars in a text without a match: the time must not explode.
TEST(Pattern, StaysFastWithManyStars) {
  const std::string text(2000, 'a');
  EXPECT_FALSE(sh::matches("*a*a*a*a*a*a*a*a*b", text));
}

TEST(Regex, AgreesWithTheStandardOne) {
  const char* patterns[] = {"abc",        "a.c",      "^a",    "c$",   "^$",
                            "ab*c",       "ab+c",     "ab?c",  "a|b",  "(ab)+",
                            "(a|b)*c",    "[a-c]+",   "[^b]",  "x{2}", "x{2,3}y",
                            "^(a|b)+c?$", "a(b(c)d)", "[]a]+", "a|",   "(ab|a)bc"};
  const char* texts[] = {"",    "a",  "abc",  "xabcx", "abbbc", "ac",  "ababab",
                         "cab", "xx", "xxxy", "xxxxy", "abcd",  "]a]", "aabc"};
  for (const char* pattern : patterns) {
    const Regex ours(pattern, Regex::Syntax::extended, false);
    const std::regex standard(pattern, std::regex::extended);
    for (const std::string text : texts) {
      std::smatch expected;
      const bool found = std::regex_search(text, expected, standard);
      const auto match = ours.search(text);
      ASSERT_EQ(match.has_value(), found) << pattern << " in " << text;
      if (!found) continue;
      EXPECT_EQ(match->at, static_cast<size_t>(expected.position())) << pattern << " in " << text;
      EXPECT_EQ(match->length, static_cast<size_t>(expected.length())) << pattern << " in " << text;
    }
  }
}

TEST(Regex, BasicSyntaxEscapesTheOtherWay) {
  EXPECT_TRUE(Regex("a\\+b", Regex::Syntax::basic, false).search("aab"));
  EXPECT_FALSE(Regex("a+b", Regex::Syntax::basic, false).search("aab"));
  EXPECT_TRUE(Regex("\\(ab\\)\\{2\\}", Regex::Syntax::basic, false).search("abab"));
  EXPECT_TRUE(Regex("*a", Regex::Syntax::basic, false).search("*a"));
}

TEST(Regex, FixedTextsAndCase) {
  EXPECT_FALSE(Regex("a.c", Regex::Syntax::fixed, false).search("abc"));
  EXPECT_TRUE(Regex("a.c", Regex::Syntax::fixed, false).search("xa.c"));
  EXPECT_TRUE(Regex("aBc[x-z]", Regex::Syntax::extended, true).search("AbCY"));
}

TEST(Arithmetic, ReportsMistakes) {
  sh::Variables variables;
  testing::internal::CaptureStderr();
  for (const char* wrong : {"1+", "(1", "1 2", "/2", "1/0", "5%0", "1?2", "*", "08", "x y"}) {
    EXPECT_FALSE(sh::evaluate(variables, wrong)) << wrong;
  }
  testing::internal::GetCapturedStderr();
}

TEST(Arithmetic, DoesNotDoWhatDoesNotCount) {
  sh::Variables variables;
  EXPECT_EQ(sh::evaluate(variables, "0 && (x = 5)"), 0);
  EXPECT_EQ(sh::evaluate(variables, "1 || 1/0"), 1);
  EXPECT_EQ(sh::evaluate(variables, "1 ? 2 : 1/0"), 2);
  EXPECT_FALSE(variables.get("x"));
}

TEST(Arithmetic, WrapsAround) {
  sh::Variables variables;
  EXPECT_EQ(sh::evaluate(variables, "9223372036854775807 + 1"), INT64_MIN);
  EXPECT_EQ(sh::evaluate(variables, "(-9223372036854775807 - 1) / -1"), INT64_MIN);
  EXPECT_EQ(sh::evaluate(variables, "1 << 64"), 1);
}

TEST(Arithmetic, FindsCircles) {
  sh::Variables variables;
  (void)variables.set("a", "b");
  (void)variables.set("b", "a");
  testing::internal::CaptureStderr();
  EXPECT_FALSE(sh::evaluate(variables, "a"));
  testing::internal::GetCapturedStderr();
}

sh::Reading reading_of(std::string_view text) {
  sh::Parser parser(text, 0, false);
  while (parser.reading() == sh::Reading::fine && (parser.next_line() || !parser.at_end())) {
  }
  return parser.reading();
}

TEST(Parser, KnowsWhatIsUnfinished) {
  for (const char* text :
       {"if true", "while x; do", "echo 'a", "echo \"a", "{ a", "( a", "a |", "a &&", "case x in",
        "cat <<E\nline", "f()", "echo $(", "echo ${x", "for i in a"}) {
    EXPECT_EQ(reading_of(text), sh::Reading::unfinished) << text;
  }
}

TEST(Parser, KnowsWhatIsWrong) {
  for (const char* text : {")", "fi", "| a", "; a", "a ;; b", "if ; then", "a && ;",
                           "for 1 in a; do b; done", "{ }", "()"}) {
    EXPECT_EQ(reading_of(text), sh::Reading::wrong) << text;
  }
}

// Any text at all is parsed or refused: no crash, no endless loop. (This runs under the sanitizers.)
TEST(Parser, SurvivesEveryPrefixAndEveryHole) {
  const std::string script =
      "f() { local x=$(echo `date` \"${y:-$((1+2))}\"); case $x in a|b*) cat <<E | tr a b;; esac; "
      "}\n"
      "text $x\nE\nif ! (a && b) || { c; } > f 2>&1; then for i in 1 2; do echo $i & done; fi\n";
  for (size_t i = 0; i <= script.size(); ++i) {
    (void)reading_of(script.substr(0, i));
    (void)reading_of(script.substr(0, i) + script.substr(std::min(i + 1, script.size())));
  }
}

}  // namespace
}  // namespace weft
