// The self-tests' runner: chooses the tests, runs them in a random order, looks after each whether
// anything was left behind, and reports.
//   test=NAME,NAME   only these         seed=N   another order
#include "first_thread.hh"

#include <algorithm>
#include <array>

#include "core/base/options.hh"
#include "core/mm/memory.hh"
#include "core/mm/stats.hh"
#include "core/sync/guarded.hh"
#include "dev/power.hh"
#include "dev/report.hh"
#include "kernel/selftest.hh"
#include "kernel/threads.hh"
#include "unit/support/random.hh"

namespace weft::selftest {
namespace {

constexpr size_t k_most_tests = 100;

// What the running test has to say.
struct Outcome {
  bool failed = false;
  Text<200> reason;  // of the first failure
  Text<100> note;
};
// A test may fail with any lock held, so this one is the last of all.
constinit Guarded<Outcome, Rank::log> outcome;

// ---- Choosing ----------------------------------------------------------------------------------

struct Choice {
  std::array<Test, k_most_tests> tests;
  size_t count = 0;

  void add(const Test& test) {
    ASSERT(count < k_most_tests, "there is room for all tests");
    tests[count++] = test;
  }
};

const Test* find_test(std::string_view name) {
  for (const auto tests : {ordinary_tests(), special_tests()}) {
    const auto found = std::ranges::find(tests, name, &Test::name);
    if (found != tests.end()) return &*found;
  }
  return nullptr;
}

// The tests that test= names; false, with a message, if there is none of a name.
bool choose_named(Choice& choice, std::string_view names) {
  while (!names.empty()) {
    const size_t end = std::min(names.find(','), names.size());
    const std::string_view name = names.substr(0, end);
    names.remove_prefix(std::min(end + 1, names.size()));
    const Test* test = find_test(name);
    if (test == nullptr) {
      hal::write_log(Text<100>("there is no test called {}\n", name).view());
      return false;
    }
    choice.add(*test);
  }
  return true;
}

void shuffle(Choice& choice, uint64_t seed) {
  host::Random random(seed);
  for (size_t left = choice.count; left > 1; --left) {
    std::swap(choice.tests[left - 1], choice.tests[random.below(left)]);
  }
}

// ---- What a test must leave as it found it --------------------------------------------------------

struct Holdings {
  size_t threads;
  size_t stacks;
  size_t objects;
  std::array<uint64_t, mm::k_frame_uses> frames;
  uint64_t frames_in_all;  // used, cached or free: all that the machine has
};

Holdings count_holdings() {
  static mm::MemoryStats memory;  // too large for a stack
  mm::trim();
  memory = mm::snapshot();
  return {.threads = sched::thread_count(),
          .stacks = memory.stacks.live,
          .objects = memory.live_objects(),
          .frames = memory.frames.used,
          .frames_in_all = memory.frames.used_in_all() + memory.frames.cached + memory.frames.free};
}

void expect_same(const Holdings& before, const Holdings& after) {
  expect_equal(after.threads, before.threads, "threads are left behind");
  expect_equal(after.stacks, before.stacks, "kernel stacks are left behind");
  expect_equal(after.objects, before.objects, "objects are left behind");
  expect_equal(after.frames_in_all, before.frames_in_all, "page frames that are anywhere");
  for (unsigned i = 0; i < mm::k_frame_uses; ++i) {
    const auto use = static_cast<mm::FrameUse>(i);
    if (use == mm::FrameUse::page_table) continue;  // they are kept for ever
    expect_equal(after.frames[i], before.frames[i],
                 Text<60>("page frames left behind, used for {}", mm::frame_use_name(use)).view());
  }
}

// ---- Running -----------------------------------------------------------------------------------

// True if the test passed.
bool run(const Test& test) {
  hal::write_log(Text<60>("{:<28}", test.name).view());  // first, so that one sees where it hangs
  outcome.with([](Outcome& all) {
    all.failed = false;
    all.reason.clear();
    all.note.clear();
  });
  const Holdings before = count_holdings();
  const Instant start = hal::now();
  test.run();
  const Nanoseconds took = hal::now() - start;
  expect_same(before, count_holdings());

  const Outcome result = outcome.with([](const Outcome& all) { return all; });
  hal::write_log(Text<400>("{} {:>6} ms  {}{}\n", result.failed ? "FAILED" : "passed",
                           took / k_millisecond, result.reason.view(), result.note.view())
                     .view());
  dev::report("test", "{} {} {}", test.name, result.failed ? "fail" : "pass", result.reason.view());
  return !result.failed;
}

bool run_all() {
  static Choice choice;  // too large for a stack
  if (kernel_options.test.empty()) {
    for (const Test& test : ordinary_tests()) choice.add(test);
  } else if (!choose_named(choice, kernel_options.test)) {
    return false;
  }
  shuffle(choice, kernel_options.seed);
  dev::report("plan", "{}", choice.count);
  size_t failed = 0;
  for (size_t i = 0; i < choice.count; ++i) failed += run(choice.tests[i]) ? 0 : 1;
  hal::write_log(Text<100>("{} passed, {} failed, in the order of seed={}\n", choice.count - failed,
                           failed, kernel_options.seed)
                     .view());
  return failed == 0;
}

}  // namespace

void fail_test(std::string_view what, const char* file, int line) {
  outcome.with([&](Outcome& all) {
    if (!all.failed) format(all.reason, "{}:{}: {}", file, line, what);
    all.failed = true;
  });
}

void note(std::string_view text) {
  outcome.with([&](Outcome& all) { all.note.write(text); });
}

}  // namespace weft::selftest

void weft::first_thread() { dev::power_off(selftest::run_all() ? 0 : 1); }
