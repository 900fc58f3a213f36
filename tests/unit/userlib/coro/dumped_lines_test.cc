// The listing's text: who shares a line, and how numbers, times and names are written.
#include "userlib/coro/dumped_lines.hh"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace weft::coro {
namespace {

// What is written of those.
template <typename Function>
std::string text_of(Function add) {
  const int fd = memfd_create("lines", 0);
  {
    DumpedLines lines(fd);
    add(lines);
  }
  std::string text(static_cast<size_t>(lseek(fd, 0, SEEK_END)), ' ');
  EXPECT_EQ(pread(fd, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  close(fd);
  return text;
}

Listed waiting(uint64_t number, Nanoseconds waited = k_never) {
  Listed listed;
  listed.number = number;
  listed.state = State::blocked;
  listed.reason = Reason::event;
  listed.object = reinterpret_cast<const void*>(0x1234);
  listed.name = "waiter";
  listed.spawned_at = reinterpret_cast<const void*>(0x40abc0);
  listed.waited = waited;
  listed.stack_used = 208;
  return listed;
}

TEST(DumpedLines, NobodyIsCountedToo) {
  EXPECT_EQ(text_of([](DumpedLines&) {}), "0 coroutines\n");
}

TEST(DumpedLines, OneHasALine) {
  EXPECT_EQ(text_of([](DumpedLines& lines) { lines.add(waiting(7), 336); }),
            "coroutine 7 blocked on event 0x1234, waiter from 0x40abc0, stack 208 of at most 336\n"
            "1 coroutine\n");
}

TEST(DumpedLines, NeighboursThatDifferInNothingButTheirNumbersShareALine) {
  EXPECT_EQ(
      text_of([](DumpedLines& lines) {
        lines.add(waiting(7), 336);
        lines.add_alike(8, k_never, 336);
        lines.add(waiting(9), 336);
        lines.add_alike(11, k_never, 336);
        lines.add_alike(12, k_never, 400);
      }),
      "coroutines 7 to 9 blocked on event 0x1234, waiter from 0x40abc0, stack 208 of at most 336\n"
      "coroutine 11 blocked on event 0x1234, waiter from 0x40abc0, stack 208 of at most 336\n"
      "coroutine 12 blocked on event 0x1234, waiter from 0x40abc0, stack 208 of at most 400\n"
      "5 coroutines\n");
}

TEST(DumpedLines, WhoDiffersInAnythingHasALineOfItsOwn) {
  const auto lines_of = [](Listed other, size_t peak = 336) {
    const std::string text = text_of([&](DumpedLines& lines) {
      lines.add(waiting(1), 336);
      lines.add(other, peak);
    });
    return std::count(text.begin(), text.end(), '\n') - 1;
  };
  Listed other = waiting(2);
  EXPECT_EQ(lines_of(other), 1);
  EXPECT_EQ(lines_of(other, 337), 2);
  (other = waiting(2)).number = 3;
  EXPECT_EQ(lines_of(other), 2);
  (other = waiting(2)).state = State::runnable;
  EXPECT_EQ(lines_of(other), 2);
  (other = waiting(2)).reason = Reason::latch;
  EXPECT_EQ(lines_of(other), 2);
  (other = waiting(2)).object = nullptr;
  EXPECT_EQ(lines_of(other), 2);
  (other = waiting(2)).name = "another";
  EXPECT_EQ(lines_of(other), 2);
  (other = waiting(2)).spawned_at = nullptr;
  EXPECT_EQ(lines_of(other), 2);
  (other = waiting(2)).waited = 5 * k_microsecond;
  EXPECT_EQ(lines_of(other), 2);
  (other = waiting(2)).stack_used = 0;
  EXPECT_EQ(lines_of(other), 2);
}

TEST(DumpedLines, TimesHaveThreeDigits) {
  const auto time = [](Nanoseconds waited) {
    const std::string text =
        text_of([&](DumpedLines& lines) { lines.add(waiting(1, waited), 336); });
    const size_t begin = text.find(" for ") + 5;
    return text.substr(begin, text.find(',') - begin);
  };
  EXPECT_EQ(time(0), "0 us");
  EXPECT_EQ(time(7'900), "7 us");
  EXPECT_EQ(time(999'999), "999 us");
  EXPECT_EQ(time(1'000'000), "1.00 ms");
  EXPECT_EQ(time(1'057'999), "1.05 ms");
  EXPECT_EQ(time(12'399'999), "12.3 ms");
  EXPECT_EQ(time(999'000'000), "999 ms");
  EXPECT_EQ(time(1'000'000'000), "1.00 s");
  EXPECT_EQ(time(59'900'000'000), "59.9 s");
  EXPECT_EQ(time(123'456'000'000), "123 s");
  EXPECT_EQ(time(98'765'000'000'000), "98700 s");
}

TEST(DumpedLines, WhoHasWaitedAboutAsLongSharesALine) {
  EXPECT_EQ(text_of([](DumpedLines& lines) {
              lines.add(waiting(1, 12'300'000), 336);
              lines.add(waiting(2, 12'399'999), 336);
              lines.add_alike(3, 12'350'000, 336);
              lines.add_alike(4, 12'400'000, 336);
              lines.add(waiting(5, 12'399'999), 336);
            }),
            "coroutines 1 to 3 blocked on event 0x1234 for 12.3 ms, waiter from 0x40abc0, stack "
            "208 of at most 336\n"
            "coroutine 4 blocked on event 0x1234 for 12.4 ms, waiter from 0x40abc0, stack 208 of "
            "at most 336\n"
            "coroutine 5 blocked on event 0x1234 for 12.3 ms, waiter from 0x40abc0, stack 208 of "
            "at most 336\n"
            "5 coroutines\n");
}

// More than there is room for at a time, and a name that is cut.
TEST(DumpedLines, ManyLinesAndLongNamesFit) {
  const std::string name(1000, 'n');
  const std::string text = text_of([&](DumpedLines& lines) {
    Listed listed = waiting(0);
    listed.name = name.c_str();
    for (uint64_t number = 1; number <= 2000; number += 2) {
      listed.number = number;
      lines.add(listed, 336);
    }
  });
  const std::string line = " blocked on event 0x1234, " + name.substr(0, 200) +
                           " from 0x40abc0, stack 208 of at most 336\n";
  std::string expected;
  for (int number = 1; number <= 2000; number += 2)
    expected += "coroutine " + std::to_string(number) + line;
  EXPECT_EQ(text, expected + "1000 coroutines\n");
}

}  // namespace
}  // namespace weft::coro
