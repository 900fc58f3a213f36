// Waiting for several files: poll sets, counters to wait for, and all at once. epoll_test.cc has the sets that
// watch for long.
#include <gtest/gtest.h>

#include "core/ipc/event_counter.hh"
#include "core/ipc/pipe_file.hh"
#include "core/ipc/poll_set.hh"
#include "core/sched/scheduler.hh"
#include "unit/ipc/io.hh"
#include "unit/ipc/polling_scenarios.hh"
#include "unit/support/machine.hh"

namespace weft::ipc {
namespace {

using host::Machine;
using io::read_text;
using io::write_text;

constexpr uint32_t k_in = abi::k_pollin;

// ---- Poll sets ------------------------------------------------------------------------------------

PollSet set_of(std::initializer_list<Ref<fs::File>> files, uint32_t wanted) {
  PollSet set = PollSet::make(files.size()).value();
  size_t index = 0;
  for (const Ref<fs::File>& file : files) {
    set.watches()[index].file = file;
    set.watches()[index++].wanted = wanted;
  }
  return set;
}

TEST(PollSet, TellsWhatIsSoWithoutWaiting) {
  Machine().run([] {
    PipeEnds pipe = make_pipe(0).value();
    PollSet set = set_of({pipe.reader, pipe.writer}, k_in | abi::k_pollout);
    EXPECT_EQ(set.wait(0).value(), 1u);
    EXPECT_EQ(set.watches()[0].happened, 0u);
    EXPECT_EQ(set.watches()[1].happened, uint32_t{abi::k_pollout});
    pipe.writer.reset();
    PollSet other = set_of({pipe.reader}, 0);
    set.watches()[1].file.reset();
    EXPECT_EQ(other.wait(0).value(), 1u);
    EXPECT_EQ(other.watches()[0].happened, uint32_t{abi::k_pollhup}) << "told though not asked for";
  });
}

TEST(PollSet, WaitsForAnyOfItsFiles) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      PipeEnds one = make_pipe(0).value();
      PipeEnds two = make_pipe(0).value();
      host::Crew crew;
      host::await_blocked(crew.add([&] {
        PollSet set = set_of({one.reader, two.reader}, k_in);
        EXPECT_EQ(set.wait(k_never).value(), 1u);
        EXPECT_EQ(set.watches()[1].happened, k_in);
      }),
                          BlockReason::waiting);
      write_text(*two.writer, "x");
      crew.join();
    });
  });
}

TEST(PollSet, WaitsOnWhenAnotherWasFasterAndIsToldAgain) {
  Machine().run([] {
    PipeEnds pipe = make_pipe(0).value();
    host::Crew crew;
    Thread& waiter =
        crew.add([&] { EXPECT_EQ(set_of({pipe.reader}, k_in).wait(k_never).value(), 1u); });
    host::await_blocked(waiter, BlockReason::waiting);
    write_text(*pipe.writer, "x");
    EXPECT_EQ(read_text(*pipe.reader, 1), "x");
    host::await_blocked(waiter, BlockReason::waiting);
    write_text(*pipe.writer, "y");
    crew.join();
  });
}

TEST(PollSet, EndsAtItsDeadlineOrByAnInterrupt) {
  Machine().run([] {
    PipeEnds pipe = make_pipe(0).value();
    const Instant deadline = hal::now() + k_millisecond;
    EXPECT_EQ(set_of({pipe.reader}, k_in).wait(deadline).value(), 0u);
    EXPECT_GE(hal::now(), deadline);
    EXPECT_EQ(set_of({}, 0).wait(hal::now() + k_microsecond).value(), 0u);
    host::Crew crew;
    Thread& waiter = crew.add(
        [&] { EXPECT_EQ(set_of({pipe.reader}, k_in).wait(k_never).error(), Errno::intr); });
    host::await_blocked(waiter, BlockReason::waiting);
    sched::interrupt(waiter);
    crew.join();
  });
}

// ---- Counters -------------------------------------------------------------------------------------

Result<uint64_t> read_number(fs::File& file) {
  const auto bytes = io::read(file, 8);
  if (!bytes.has_value()) return fail(bytes.error());
  uint64_t value;
  memcpy(&value, bytes->data(), sizeof value);
  return value;
}
Result<size_t> write_number(fs::File& file, uint64_t value) {
  return io::write(file, {reinterpret_cast<const char*>(&value), sizeof value});
}

TEST(EventCounter, AddsUpAndIsReadAtOnce) {
  Machine().run([] {
    const Ref<fs::File> counter = make_event_counter(5, false, abi::k_o_nonblock).value();
    EXPECT_EQ(write_number(*counter, 7).value(), 8u);
    EXPECT_EQ(read_number(*counter).value(), 12u);
    EXPECT_EQ(read_number(*counter).error(), Errno::again);
    EXPECT_EQ(io::read(*counter, 4).error(), Errno::inval);
    EXPECT_EQ(io::error_of(*counter, "abc"), Errno::inval);
    EXPECT_EQ(write_number(*counter, ~uint64_t{0}).error(), Errno::inval);
    EXPECT_EQ(write_number(*counter, ~uint64_t{0} - 1).value(), 8u);
    EXPECT_EQ(counter->poll(nullptr) & abi::k_pollout, 0u) << "it is full";
    EXPECT_EQ(write_number(*counter, 1).error(), Errno::again);
  });
}

TEST(EventCounter, AsASemaphoreGivesOneAtATime) {
  host::for_seeds(10, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      const Ref<fs::File> counter = make_event_counter(0, true, 0).value();
      host::Crew crew;
      crew.add_many(3, [&](unsigned) { EXPECT_EQ(read_number(*counter).value(), 1u); });
      EXPECT_EQ(write_number(*counter, 3).value(), 8u);
      crew.join();
      EXPECT_EQ(counter->poll(nullptr) & k_in, 0u);
    });
  });
}

TEST(EventCounter, AWriterWaitsForRoom) {
  Machine().run([] {
    const Ref<fs::File> counter = make_event_counter(0, false, 0).value();
    EXPECT_TRUE(write_number(*counter, ~uint64_t{0} - 1).has_value());
    host::Crew crew;
    Thread& writer = crew.add([&] { EXPECT_EQ(write_number(*counter, 9).value(), 8u); });
    host::await_blocked(writer, BlockReason::waiting);
    EXPECT_EQ(read_number(*counter).value(), ~uint64_t{0} - 1);
    crew.join();
    EXPECT_EQ(read_number(*counter).value(), 9u);
    Thread& reader = crew.add([&] { EXPECT_EQ(read_number(*counter).error(), Errno::intr); });
    host::await_blocked(reader, BlockReason::waiting);
    sched::interrupt(reader);
    crew.join();
  });
}

// ---- Many at once ---------------------------------------------------------------------------------

TEST(PollingScenarios, FilesAndSetsEndAtTheSameTime) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] { scenarios::files_and_sets_end(8); });
  });
}

TEST(PollingScenarios, ASetIsAskedWhileFilesGo) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] { scenarios::a_set_is_asked_while_files_go(20); });
  });
}

TEST(PollingScenarios, NoEventIsLost) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] { scenarios::no_event_is_lost(20); });
  });
}

}  // namespace
}  // namespace weft::ipc
