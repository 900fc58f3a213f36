#include "core/base/log.hh"

#include <gtest/gtest.h>

#include "core/base/assert.hh"
#include "unit/support/host.hh"

namespace weft {
namespace {

class LogTest : public testing::Test {
 protected:
  void SetUp() override { host::clear_log(); }
  void TearDown() override { log::set_level(log::Level::info); }
};

TEST_F(LogTest, WritesALineWithTimeAndLevel) {
  log::info("CPU {} is up", 3);
  EXPECT_NE(host::log_text().find("] CPU 3 is up\n"), std::string::npos) << host::log_text();
  EXPECT_EQ(host::log_text()[0], '[');
  log::warn("beware");
  EXPECT_NE(host::log_text().find("] warning: beware\n"), std::string::npos);
  log::error("broken");
  EXPECT_NE(host::log_text().find("] error: broken\n"), std::string::npos);
}

TEST_F(LogTest, DropsWhatIsLessImportantThanTheLevel) {
  log::debug("hidden");
  EXPECT_EQ(host::log_text(), "");
  log::set_level(log::Level::debug);
  EXPECT_TRUE(log::is_on(log::Level::debug));
  log::debug("shown");
  EXPECT_NE(host::log_text().find("debug: shown"), std::string::npos);
  log::set_level(log::Level::error);
  EXPECT_FALSE(log::is_on(log::Level::warn));
}

TEST_F(LogTest, CutsOffALineThatIsTooLong) {
  log::info("{}", std::string(1000, 'x'));
  const std::string text = host::log_text();
  EXPECT_LT(text.size(), 300u);
  EXPECT_EQ(text.back(), '\n');
}

TEST(PanicDeathTest, TellsTheReasonThePlaceAndWhoRan) {
  EXPECT_DEATH(panic("the sky fell"), "machine stopped: the sky fell \\(.*log_test.cc:[0-9]+\\)");
  EXPECT_DEATH(panic("the sky fell"), "thread:  0 \"idle\"");
  EXPECT_DEATH(ASSERT(1 + 1 == 3, "sums are right"), "broken promise: sums are right");
}

}  // namespace
}  // namespace weft
