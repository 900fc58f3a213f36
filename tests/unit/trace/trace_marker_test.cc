// What programs write to the trace: whole markers, each checked, and only while somebody records.
#include <vector>

#include <gtest/gtest.h>

#include "core/abi/trace_marker.hh"
#include "core/fs/io_buffer.hh"
#include "core/mm/page_frames.hh"
#include "core/proc/proc_texts.hh"
#include "core/sync/irq_guard.hh"
#include "core/trace/trace.hh"
#include "unit/support/machine.hh"

namespace weft {
namespace {

using abi::TraceMarker;
using abi::TraceMarkerKind;

TraceMarker marker(TraceMarkerKind kind, uint64_t first) {
  return {abi::k_trace_mark, kind, 3, 1, first, 5};
}

Result<size_t> write_bytes(const void* data, size_t size) {
  auto* bytes = static_cast<std::byte*>(const_cast<void*>(data));
  fs::IoBuffer from = fs::IoBuffer::kernel({bytes, size});
  return proc::take_trace_markers(from);
}
Result<size_t> write_markers(const std::vector<TraceMarker>& markers) {
  return write_bytes(markers.data(), markers.size() * sizeof(TraceMarker));
}

class TraceMarkers : public testing::Test {
 protected:
  void with_stream(auto body) {
    host::Machine machine;
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
    return static_cast<const trace::Event*>(hal::phys_to_virt(memory_))[number];
  }
  uint64_t written() const { return ring_.written.load(relaxed); }

  trace::Ring& ring_ = trace::weft_trace_control.rings[0];
  PhysAddr memory_{};
};

TEST_F(TraceMarkers, BecomeEventsOfTheThreadThatWrites) {
  with_stream([&] {
    ASSERT_EQ(write_markers({marker(TraceMarkerKind::coroutine_starts, 7),
                             marker(TraceMarkerKind::coroutine_is_named, 8)}),
              2 * sizeof(TraceMarker));
    ASSERT_EQ(written(), 2u);
    EXPECT_EQ(event(0).kind, trace::Kind::coroutine_starts);
    EXPECT_EQ(event(0).thread, hal::current()->id());
    EXPECT_EQ(event(0).when, 1u);
    EXPECT_EQ(event(0).detail, 3u);
    EXPECT_EQ(event(0).first, 7u);
    EXPECT_EQ(event(0).second, 5u);
    EXPECT_EQ(event(1).kind, trace::Kind::coroutine_is_named);
  });
}

TEST_F(TraceMarkers, ManyAtOnceKeepTheirOrder) {
  with_stream([&] {
    std::vector<TraceMarker> many;
    for (uint64_t i = 0; i < 100; ++i) many.push_back(marker(TraceMarkerKind::coroutine_runs, i));
    ASSERT_EQ(write_markers(many), 100 * sizeof(TraceMarker));
    ASSERT_EQ(written(), 100u);
    for (uint64_t i = 0; i < 100; ++i) EXPECT_EQ(event(i).first, i);
  });
}

TEST_F(TraceMarkers, NobodyDatesAnEventInTheFuture) {
  with_stream([&] {
    TraceMarker late = marker(TraceMarkerKind::coroutine_runs, 1);
    late.when = ~uint64_t{0};
    ASSERT_TRUE(write_markers({late}).has_value());
    EXPECT_LE(event(0).when, hal::now());
  });
}

TEST_F(TraceMarkers, WhatIsNoMarkerIsRefused) {
  with_stream([&] {
    TraceMarker foreign = marker(TraceMarkerKind::coroutine_runs, 1);
    foreign.mark = 1;
    EXPECT_EQ(write_markers({foreign}), fail(Errno::inval));
    TraceMarker unknown = marker(TraceMarkerKind::coroutine_runs, 1);
    unknown.kind = static_cast<TraceMarkerKind>(9);
    EXPECT_EQ(write_markers({unknown}), fail(Errno::inval));
    const TraceMarker whole = marker(TraceMarkerKind::coroutine_runs, 1);
    EXPECT_EQ(write_bytes(&whole, 31), fail(Errno::inval));
    EXPECT_EQ(written(), 0u);
    // What was good before it counts, as with every write.
    EXPECT_EQ(write_markers({whole, unknown}), sizeof(TraceMarker));
    EXPECT_EQ(written(), 1u);
  });
}

TEST_F(TraceMarkers, NothingIsTakenUnlessATraceIsStreamed) {
  host::Machine machine;
  machine.run([&] {
    EXPECT_EQ(write_markers({marker(TraceMarkerKind::coroutine_runs, 1)}), fail(Errno::badf));
    EXPECT_EQ(write_bytes(nullptr, 0), fail(Errno::badf));
  });
  with_stream([&] { EXPECT_EQ(write_bytes(nullptr, 0), 0u); });
}

}  // namespace
}  // namespace weft
