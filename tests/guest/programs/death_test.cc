// GoogleTest with death tests: forks, waits, pipes, and looks at how children die.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

namespace {

TEST(Plain, Arithmetic) { EXPECT_EQ(6 * 7, 42); }

TEST(Plain, Containers) {
  std::vector<int> numbers{3, 1, 2};
  EXPECT_EQ(numbers.size(), 3u);
  EXPECT_THROW(numbers.at(9), std::out_of_range);
}

class WithFile : public testing::Test {
 protected:
  void SetUp() override { std::ofstream("/tmp/death_test.txt") << "content"; }
  void TearDown() override { std::remove("/tmp/death_test.txt"); }
};

TEST_F(WithFile, CanBeRead) {
  std::ifstream in("/tmp/death_test.txt");
  std::string word;
  in >> word;
  EXPECT_EQ(word, "content");
}

class Squares : public testing::TestWithParam<int> {};
TEST_P(Squares, ArePositive) { EXPECT_GT(GetParam() * GetParam(), 0); }
INSTANTIATE_TEST_SUITE_P(Some, Squares, testing::Values(-3, 1, 10));

TEST(DeathTest, Abort) { EXPECT_DEATH(std::abort(), ""); }

TEST(DeathTest, MessageBeforeTheEnd) {
  EXPECT_DEATH(
      {
        fprintf(stderr, "the reason is %d\n", 42);
        std::abort();
      },
      "the reason is 42");
}

TEST(DeathTest, ExitStatus) { EXPECT_EXIT(std::exit(3), testing::ExitedWithCode(3), ""); }

TEST(DeathTest, Signal) { EXPECT_EXIT(raise(SIGTERM), testing::KilledBySignal(SIGTERM), ""); }

TEST(DeathTest, BadPointer) {
  EXPECT_EXIT(*static_cast<volatile int*>(nullptr) = 1, testing::KilledBySignal(SIGSEGV), "");
}

TEST(DeathTest, Terminate) {
  EXPECT_DEATH(std::thread([] { throw 1; }).join(), "terminate called");
}

TEST(DeathTest, ThreadSafeStyle) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(5), testing::ExitedWithCode(5), "");
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  GTEST_FLAG_SET(print_time, false);
  return RUN_ALL_TESTS();
}
