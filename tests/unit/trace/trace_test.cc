#include "core/trace/trace.hh"

#include <string>

#include <gtest/gtest.h>

#include "core/sync/irq_guard.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

class TraceTest : public testing::Test {
 protected:
  void TearDown() override { trace::is_on.store(true, relaxed); }  // as debug builds have it

  static std::string last_events(unsigned count) {
    host::clear_log();
    trace::write_last(count);
    return host::log_text();
  }
};

TEST_F(TraceTest, WritesTheLastEventsTheNewestLast) {
  Machine machine;
  machine.run([] {
    IrqGuard no_events_of_others;
    trace::record(trace::Kind::contend, 0xabc);
    trace::record(trace::Kind::migrate, 0xdef);
    const std::string text = last_events(2);
    EXPECT_EQ(text.find("last events of CPU 0:\n"), 0u);
    const size_t older = text.find("thread 1: wait for lock abc\n");
    const size_t newer = text.find("thread 1: migrate thread def\n");
    ASSERT_NE(older, std::string::npos) << text;
    ASSERT_NE(newer, std::string::npos) << text;
    EXPECT_LT(older, newer);
    EXPECT_EQ(last_events(1).find("abc"), std::string::npos);
  });
}

TEST_F(TraceTest, NamesWhatTheSchedulerDoes) {
  Machine machine;
  machine.run([] {
    host::start({}, [] { sched::sleep_for(k_microsecond); }).join();
    const std::string text = last_events(50);
    for (const char* kind : {"switch to thread", "block on", "wake thread"}) {
      EXPECT_NE(text.find(kind), std::string::npos) << kind << " is not in\n" << text;
    }
  });
}

TEST_F(TraceTest, KeepsOnlyTheNewest) {
  Machine machine;
  machine.run([] {
    IrqGuard no_events_of_others;
    for (uint64_t i = 0; i < 2 * trace::k_ring_size; ++i) trace::record(trace::Kind::panic, i);
    const std::string text = last_events(trace::k_ring_size);
    EXPECT_NE(text.find("panic 100\n"), std::string::npos);  // 256, in hexadecimal
    EXPECT_NE(text.find("panic 1ff\n"), std::string::npos);
    EXPECT_EQ(text.find("panic ff\n"), std::string::npos);
  });
}

TEST_F(TraceTest, OffItRecordsNothing) {
  Machine machine;
  machine.run([] {
    IrqGuard no_events_of_others;
    trace::is_on.store(false, relaxed);
    trace::record(trace::Kind::contend, 0xabc);
    EXPECT_EQ(last_events(1).find("abc"), std::string::npos);
  });
}

}  // namespace
}  // namespace weft
