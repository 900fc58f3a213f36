// What a self-test is made of. A test is a function without arguments; the table of all is in
// table.cc. It says what must hold by the functions here, and it fails if one of them didn't. A test
// leaves nothing behind: no thread, no page, no object.
#pragma once

#include <span>
#include <string_view>

#include "core/base/format.hh"

namespace weft::selftest {

struct Test {
  std::string_view name;
  void (*run)();
};

// What runs if nobody says otherwise.
std::span<const Test> ordinary_tests();
// What runs only when asked for by name: the benchmarks, and what ends in a panic.
std::span<const Test> special_tests();

// The running test has failed. It goes on; the first failure is the one that is reported. Any thread.
void fail_test(std::string_view what, const char* file, int line);
// Shown with the running test's result: how much of something was done or seen.
void note(std::string_view text);

inline void expect(bool condition, std::string_view what, const char* file = __builtin_FILE(),
                   int line = __builtin_LINE()) {
  if (!condition) [[unlikely]]
    fail_test(what, file, line);
}

// Two numbers are equal.
template <typename A, typename B>
void expect_equal(const A& value, const B& expected, std::string_view what,
                  const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (value == expected) [[likely]]
    return;
  fail_test(Text<150>("{}: {}, expected {}", what, value, expected).view(), file, line);
}

// The benchmarks: measures, prints and reports (benchmarks.cc).
void run_benchmarks();

}  // namespace weft::selftest
