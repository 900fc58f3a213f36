#include "core/trace/trace.hh"

#include <string>

#include <gtest/gtest.h>

#include "core/mm/page_frames.hh"
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
    trace::record(trace::Kind::waits_for_lock, 0xabc);
    trace::record(trace::Kind::migrates, 0xdef);
    const std::string text = last_events(2);
    EXPECT_EQ(text.find("last events of CPU 0:\n"), 0u);
    const size_t older = text.find("thread 1: waits for lock abc, owner 0\n");
    const size_t newer = text.find("thread 1: moves def, cpu 0\n");
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
    for (const char* kind :
         {"switches to", "blocks on", "wakes", "goes on after", "starts thread", "ends"}) {
      EXPECT_NE(text.find(kind), std::string::npos) << kind << " is not in\n" << text;
    }
  });
}

TEST_F(TraceTest, KeepsOnlyTheNewest) {
  Machine machine;
  machine.run([] {
    IrqGuard no_events_of_others;
    for (uint64_t i = 0; i < 2 * trace::k_kept_events; ++i) trace::record(trace::Kind::memory, i);
    const std::string text = last_events(trace::k_kept_events);
    EXPECT_NE(text.find("free memory 100\n"), std::string::npos);  // 256, in hexadecimal
    EXPECT_NE(text.find("free memory 1ff\n"), std::string::npos);
    EXPECT_EQ(text.find("free memory ff\n"), std::string::npos);
  });
}

// A ring of one block, as the launcher sees it.
class StreamTest : public TraceTest {
 protected:
  void with_stream(auto body) {
    Machine machine;
    machine.run([&] {
      IrqGuard no_events_of_others;
      memory_ = *mm::page_frames.allocate(mm::PageFrames::k_largest_order);
      trace::use_stream(0, std::span(&memory_, 1));
      body();
      trace::use_recorder(0);
      mm::page_frames.free(memory_, mm::PageFrames::k_largest_order);
    });
  }
  const trace::Event& event(uint64_t number) const {
    return static_cast<const trace::Event*>(
        hal::phys_to_virt(memory_))[number % trace::k_block_events];
  }

  trace::Ring& ring_ = trace::weft_trace_control.rings[0];
  PhysAddr memory_{};
};

TEST_F(StreamTest, EventsStandInTheBlockInTheirOrder) {
  with_stream([&] {
    EXPECT_EQ(trace::weft_trace_control.cpus.load(relaxed), 1u);
    EXPECT_EQ(ring_.written.load(relaxed), 0u);
    trace::record(trace::Kind::faults, 0xabc, 7, 2);
    trace::record(trace::Kind::timer);
    ASSERT_EQ(ring_.written.load(relaxed), 2u);
    EXPECT_EQ(event(0).kind, trace::Kind::faults);
    EXPECT_EQ(event(0).first, 0xabcu);
    EXPECT_EQ(event(0).second, 7u);
    EXPECT_EQ(event(0).detail, 2u);
    EXPECT_EQ(event(0).thread, hal::current()->id());
    EXPECT_EQ(event(1).kind, trace::Kind::timer);
    EXPECT_GE(event(1).when, event(0).when);
  });
}

TEST_F(StreamTest, WhatFindsNoRoomIsCountedAsLostAndOverwritesNothing) {
  with_stream([&] {
    for (uint64_t i = 0; i < trace::k_block_events + 3; ++i) {
      trace::record(trace::Kind::memory, i);
    }
    EXPECT_EQ(ring_.written.load(relaxed), trace::k_block_events);
    EXPECT_EQ(ring_.lost.exchange(0, relaxed), 3u);
    EXPECT_EQ(event(0).first, 0u);
    EXPECT_EQ(event(trace::k_block_events - 1).first, trace::k_block_events - 1);
  });
}

TEST_F(StreamTest, WhatWasTakenMakesRoom) {
  with_stream([&] {
    for (uint64_t i = 0; i < trace::k_block_events; ++i) trace::record(trace::Kind::memory, i);
    ring_.taken.store(2, relaxed);
    for (uint64_t i = 0; i < 3; ++i) trace::record(trace::Kind::memory, 1000 + i);
    EXPECT_EQ(ring_.written.load(relaxed), trace::k_block_events + 2);
    EXPECT_EQ(ring_.lost.exchange(0, relaxed), 1u);
    EXPECT_EQ(event(0).first, 1000u);
    EXPECT_EQ(event(1).first, 1001u);
    EXPECT_EQ(event(2).first, 2u);
  });
}

TEST_F(TraceTest, TextsTakeAsManyEventsAsTheyNeed) {
  Machine machine;
  machine.run([] {
    IrqGuard no_events_of_others;
    const uint64_t before = trace::weft_trace_control.rings[0].written.load(relaxed);
    trace::record_text(trace::Kind::text, std::string(33, 'x'));
    trace::record_text(trace::Kind::text, "");
    EXPECT_EQ(trace::weft_trace_control.rings[0].written.load(relaxed) - before, 4u);
  });
}

TEST_F(TraceTest, EveryKindHasAName) {
  for (const trace::KindText& kind : trace::weft_trace_kinds) EXPECT_NE(kind.name[0], 0);
}

TEST_F(TraceTest, OffItRecordsNothing) {
  Machine machine;
  machine.run([] {
    IrqGuard no_events_of_others;
    trace::is_on.store(false, relaxed);
    trace::record(trace::Kind::waits_for_lock, 0xabc);
    EXPECT_EQ(last_events(1).find("abc"), std::string::npos);
  });
}

}  // namespace
}  // namespace weft
