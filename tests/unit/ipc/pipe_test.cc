// Pipes: bytes, room, blocking, and the end. The system calls above add nothing to it but numbers.
#include "core/ipc/pipe.hh"

#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "abi/constants.hh"
#include "core/ipc/pipe_file.hh"
#include "core/ipc/process_hooks.hh"
#include "core/sched/scheduler.hh"
#include "unit/ipc/io.hh"
#include "unit/ipc/pipe_scenarios.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"
#include "unit/support/user_space.hh"

namespace weft::ipc {
namespace {

using host::Machine;
using io::error_of;
using io::fill;
using io::read_text;
using io::write_text;

struct Fixture {
  explicit Fixture(uint32_t flags = 0) : ends(make_pipe(flags).value()) {}
  fs::File& reader() { return *ends.reader; }
  fs::File& writer() { return *ends.writer; }
  PipeEnds ends;
};

TEST(Pipe, BytesComeInOrderWithoutBorders) {
  Machine().run([] {
    Fixture pipe;
    EXPECT_EQ(write_text(pipe.writer(), "one"), 3u);
    EXPECT_EQ(write_text(pipe.writer(), "two"), 3u);
    EXPECT_EQ(read_text(pipe.reader(), 4), "onet");
    EXPECT_EQ(read_text(pipe.reader(), 100), "wo");
    EXPECT_EQ(read_text(pipe.reader(), 0), "");
    EXPECT_EQ(write_text(pipe.writer(), ""), 0u);
  });
}

TEST(Pipe, HoldsSixteenPagesAndCountsThemAsPages) {
  Machine().run([] {
    Fixture pipe(abi::k_o_nonblock);
    EXPECT_EQ(fill(pipe.writer(), 4096), 65'536u);
    EXPECT_EQ(error_of(pipe.writer(), "x"), Errno::again);
    EXPECT_EQ(read_text(pipe.reader(), 1).size(), 1u);
    EXPECT_EQ(error_of(pipe.writer(), "x"), Errno::again) << "a page is free when all of it is";
    EXPECT_EQ(read_text(pipe.reader(), 4095).size(), 4095u);
    EXPECT_EQ(write_text(pipe.writer(), std::string(4095, 'a')), 4095u);
    EXPECT_EQ(write_text(pipe.writer(), "b"), 1u) << "it fits behind them";
    EXPECT_EQ(error_of(pipe.writer(), "c"), Errno::again);
  });
}

TEST(Pipe, ALargeWriteThatMayNotWaitGoesInAsFarAsItFits) {
  Machine().run([] {
    Fixture pipe(abi::k_o_nonblock);
    EXPECT_EQ(write_text(pipe.writer(), std::string(200'000, 'x')), 65'536u);
    EXPECT_EQ(read_text(pipe.reader(), 200'000).size(), 65'536u);
    EXPECT_EQ(io::read_error(pipe.reader()), Errno::again);
  });
}

TEST(Pipe, TheEndComesBehindTheLastByte) {
  Machine().run([] {
    Fixture pipe;
    write_text(pipe.writer(), "last");
    pipe.ends.writer.reset();
    EXPECT_EQ(read_text(pipe.reader(), 10), "last");
    EXPECT_EQ(read_text(pipe.reader(), 10), "");
    EXPECT_EQ(read_text(pipe.reader(), 10), "");
  });
}

int signals_sent = 0;

TEST(Pipe, WithoutAReaderAWriteFailsWithASignal) {
  Machine().run([] {
    signals_sent = 0;
    process_hooks.signal_self = [](int signal) { signals_sent += signal == abi::k_sigpipe; };
    Fixture pipe;
    pipe.ends.reader.reset();
    EXPECT_EQ(error_of(pipe.writer(), "x"), Errno::pipe);
    EXPECT_EQ(signals_sent, 1);
    EXPECT_EQ(write_text(pipe.writer(), ""), 0u);
    EXPECT_EQ(signals_sent, 1);
  });
}

TEST(Pipe, WhoWaitsIsWoken) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      signals_sent = 0;
      process_hooks.signal_self = [](int) { ++signals_sent; };
      Fixture pipe;
      host::Crew crew;
      host::await_blocked(crew.add([&] { EXPECT_EQ(read_text(pipe.reader(), 10), "news"); }),
                          BlockReason::waiting);
      write_text(pipe.writer(), "news");
      crew.join();
      host::await_blocked(crew.add([&] {
        EXPECT_EQ(write_text(pipe.writer(), std::string(100'000, 'x')), 65'536u);
      }),
                          BlockReason::waiting);
      pipe.ends.reader.reset();
      crew.join();
      EXPECT_EQ(signals_sent, 1) << "it wrote something, and is told, too";
    });
  });
}

TEST(Pipe, AnInterruptEndsAWaitAndTellsHowFarItCame) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      Fixture pipe;
      host::Crew crew;
      Thread& reader = crew.add([&] { EXPECT_EQ(io::read_error(pipe.reader()), Errno::intr); });
      host::await_blocked(reader, BlockReason::waiting);
      sched::interrupt(reader);
      crew.join();
      Thread& writer = crew.add([&] {
        EXPECT_EQ(write_text(pipe.writer(), std::string(70'000, 'x')), 65'536u);
        EXPECT_EQ(error_of(pipe.writer(), "x"), Errno::intr);
      });
      host::await_blocked(writer, BlockReason::waiting);
      sched::interrupt(writer);
      host::await_blocked(writer, BlockReason::waiting);
      sched::interrupt(writer);
      crew.join();
    });
  });
}

TEST(Pipe, ABadAddressTakesNothingAway) {
  Machine().run([] {
    host::UserSpace space;
    const VirtAddr place =
        space->map({.size = k_page_size, .access = mm::Access::read | mm::Access::write}).value();
    space.write(place + k_page_size - 2, 'a');
    Fixture pipe(abi::k_o_nonblock);
    fs::IoBuffer bad = fs::IoBuffer::user(place + k_page_size - 2, 4);
    EXPECT_EQ(pipe.writer().write(bad).error(), Errno::fault);
    EXPECT_EQ(io::read_error(pipe.reader()), Errno::again) << "nothing of it came";
    write_text(pipe.writer(), "abcdef");
    bad = fs::IoBuffer::user(place + k_page_size - 2, 4);
    EXPECT_EQ(pipe.writer().write(bad).error(), Errno::fault);
    bad = fs::IoBuffer::user(place + k_page_size - 2, 4);
    EXPECT_EQ(pipe.reader().read(bad).error(), Errno::fault);
    EXPECT_EQ(read_text(pipe.reader(), 10), "abcdef") << "the bytes are still there";
  });
}

TEST(Pipe, TheCapacityCanBeChangedButNotBelowWhatIsIn) {
  Machine().run([] {
    Fixture pipe(abi::k_o_nonblock);
    EXPECT_EQ(pipe.writer().set_capacity(1).value(), 4096u);
    EXPECT_EQ(pipe.reader().capacity().value(), 4096u);
    EXPECT_EQ(fill(pipe.writer(), 4096), 4096u);
    EXPECT_EQ(pipe.writer().set_capacity(5000).value(), 8192u);
    EXPECT_EQ(pipe.writer().set_capacity(131'072).value(), 131'072u);
    EXPECT_EQ(fill(pipe.writer(), 4096), 131'072u - 4096);
    EXPECT_EQ(pipe.writer().set_capacity(4096).error(), Errno::busy);
    EXPECT_EQ(pipe.writer().set_capacity(0).error(), Errno::inval);
    EXPECT_EQ(pipe.writer().set_capacity(uint64_t{1} << 32).error(), Errno::inval);
    EXPECT_EQ(read_text(pipe.reader(), 200'000).size(), 131'072u);
  });
}

TEST(Pipe, PollTellsWhatCanBeDone) {
  Machine().run([] {
    constexpr uint32_t k_in = abi::k_pollin | abi::k_pollrdnorm;
    constexpr uint32_t k_out = abi::k_pollout | abi::k_pollwrnorm;
    Fixture pipe(abi::k_o_nonblock);
    EXPECT_EQ(pipe.reader().poll(nullptr), 0u);
    EXPECT_EQ(pipe.writer().poll(nullptr), k_out);
    fill(pipe.writer(), 4096);
    EXPECT_EQ(pipe.reader().poll(nullptr), k_in);
    EXPECT_EQ(pipe.writer().poll(nullptr), 0u);
    pipe.ends.writer.reset();
    EXPECT_EQ(pipe.reader().poll(nullptr), k_in | abi::k_pollhup);
    Fixture other;
    other.ends.reader.reset();
    EXPECT_EQ(other.writer().poll(nullptr), k_out | abi::k_pollerr);
  });
}

TEST(Pipe, WatchersHearOfEachWrite) {
  Machine().run([] {
    struct Watcher : fs::PollEntry {
      Watcher()
          : PollEntry([](PollEntry& entry, fs::PollEvents happened) {
              auto& self = static_cast<Watcher&>(entry);
              self.calls += (happened & abi::k_pollin) != 0;
              return true;
            }) {}
      int calls = 0;
    };
    Fixture pipe;
    Watcher watcher;
    pipe.reader().poll(&watcher);
    write_text(pipe.writer(), "a");
    write_text(pipe.writer(), "b");
    EXPECT_EQ(watcher.calls, 2);
    read_text(pipe.reader(), 1);
    EXPECT_EQ(watcher.calls, 2) << "reading is no news";
    pipe.ends.writer.reset();
    EXPECT_EQ(watcher.calls, 3);
    watcher.leave();
  });
}

TEST(Pipe, WhatAWatcherIsToldStaysTrueWhenAllHaveGoneAndComeAgain) {
  Machine().run([] {
    constexpr uint32_t k_in = abi::k_pollin | abi::k_pollrdnorm;
    struct Watcher : fs::PollEntry {
      Watcher() : PollEntry([](PollEntry&, fs::PollEvents) { return true; }) {}
    };
    Fixture pipe;
    Watcher watcher;
    EXPECT_EQ(pipe.reader().poll(&watcher), 0u);
    write_text(pipe.writer(), "a");
    EXPECT_EQ(pipe.reader().poll(nullptr), k_in);
    read_text(pipe.reader(), 1);
    EXPECT_EQ(pipe.reader().poll(nullptr), 0u);
    watcher.leave();
    write_text(pipe.writer(), "b");
    EXPECT_EQ(pipe.reader().poll(nullptr), k_in) << "nobody has kept it up";
    Watcher next;
    EXPECT_EQ(pipe.reader().poll(&next), k_in);
    pipe.ends.writer.reset();
    EXPECT_EQ(pipe.reader().poll(nullptr), k_in | abi::k_pollhup);
    next.leave();
  });
}

TEST(Pipe, StatusAndControl) {
  Machine().run([] {
    Fixture pipe;
    const abi::Stat one = pipe.reader().status().value();
    const abi::Stat two = pipe.writer().status().value();
    EXPECT_EQ(one.mode, abi::k_s_ififo | 0600u);
    EXPECT_EQ(one.inode, two.inode);
    EXPECT_NE(one.inode, Fixture().reader().status().value().inode);
    EXPECT_EQ(pipe.reader().control(abi::k_tcgets, 0).error(), Errno::notty);
  });
}

TEST(Fifo, OpeningWaitsForTheOtherSide) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      const Ref<Pipe> pipe = Pipe::make().value();
      constexpr Ends k_reader{.reads = true}, k_writer{.writes = true}, k_both{true, true};
      EXPECT_EQ(pipe->open_fifo(k_writer, false).error(), Errno::nxio);
      host::Crew crew;
      Thread& first =
          crew.add([&] { EXPECT_EQ(pipe->open_fifo(k_reader, true).error(), Errno::intr); });
      host::await_blocked(first, BlockReason::waiting);
      sched::interrupt(first);
      crew.join();
      EXPECT_EQ(pipe->open_fifo(k_writer, false).error(), Errno::nxio) << "that reader gave up";
      host::await_blocked(crew.add([&] { EXPECT_TRUE(pipe->open_fifo(k_reader, true)); }),
                          BlockReason::waiting);
      EXPECT_TRUE(pipe->open_fifo(k_writer, true).has_value());
      crew.join();
      pipe->close(k_reader);
      pipe->close(k_writer);
      EXPECT_TRUE(pipe->open_fifo(k_both, true).has_value());
      pipe->close(k_both);
    });
  });
}

TEST(Fifo, TheOtherSideMayHaveGoneWhenTheOpenReturns) {
  host::for_seeds(100, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      const Ref<Pipe> pipe = Pipe::make().value();
      host::Crew crew;
      for (const Ends ends : {Ends{.reads = true}, Ends{.writes = true}}) {
        crew.add([&pipe, ends] {
          EXPECT_TRUE(pipe->open_fifo(ends, true).has_value());
          pipe->close(ends);
        });
      }
      crew.join();
    });
  });
}

TEST(Fifo, HangsUpOnlyAfterAWriterHasBeenThere) {
  Machine().run([] {
    const Ref<Pipe> pipe = Pipe::make().value();
    constexpr Ends k_reader{.reads = true}, k_writer{.writes = true};
    const uint32_t before = pipe->open_fifo(k_reader, false).value();
    EXPECT_EQ(pipe->poll(k_reader, before, nullptr), 0u);
    EXPECT_TRUE(pipe->open_fifo(k_writer, false).has_value());
    pipe->close(k_writer);
    EXPECT_EQ(pipe->poll(k_reader, before, nullptr), abi::k_pollhup);
    EXPECT_TRUE(pipe->open_fifo(k_writer, false).has_value());
    const uint32_t later = pipe->open_fifo(k_reader, false).value();
    pipe->close(k_writer);
    EXPECT_EQ(pipe->poll(k_reader, later, nullptr), abi::k_pollhup);
    pipe->close(k_reader);
    pipe->close(k_reader);
  });
}

TEST(Fifo, ForgetsItsBytesWhenAllHaveClosed) {
  Machine().run([] {
    const Ref<Pipe> pipe = Pipe::make().value();
    constexpr Ends k_both{true, true};
    pipe->open(k_both);
    std::string text = "lost";
    fs::IoBuffer from = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
    EXPECT_EQ(pipe->write(from, true).value(), 4u);
    EXPECT_EQ(pipe->unread_bytes(), 4u);
    pipe->close(k_both);
    pipe->open(k_both);
    EXPECT_EQ(pipe->unread_bytes(), 0u);
    pipe->close(k_both);
  });
}

TEST(PipeScenarios, BytesComeThroughOnce) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] { scenarios::bytes_come_through_once(2, 3, 30); });
  });
}

TEST(PipeScenarios, EndsCloseUnderThoseWhoWait) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] { scenarios::ends_close_under_waiters(6); });
  });
}

}  // namespace
}  // namespace weft::ipc
