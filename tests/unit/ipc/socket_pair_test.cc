// Pairs of sockets: borders, room, and what one end hears of the other's closing.
#include "core/ipc/socket/unix_socket.hh"

#include <gtest/gtest.h>

#include "core/ipc/process_hooks.hh"
#include "core/sched/scheduler.hh"
#include "unit/ipc/io.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft::ipc {
namespace {

using host::Machine;
using io::read_text;
using io::write_text;

SocketEnds make(SocketType type, uint32_t flags = 0) {
  return make_socket_pair(type, flags).value();
}

int signals_sent = 0;

TEST(SocketPair, AStreamHasNoBordersAndGoesBothWays) {
  Machine().run([] {
    SocketEnds ends = make(SocketType::stream, abi::k_o_nonblock);
    write_text(*ends.first, "one");
    write_text(*ends.first, "two");
    EXPECT_EQ(read_text(*ends.second, 4), "onet");
    EXPECT_EQ(read_text(*ends.second, 9), "wo");
    EXPECT_EQ(io::read_error(*ends.first), Errno::again) << "nothing of its own";
    EXPECT_EQ(read_text(*ends.first, 0), "");
    write_text(*ends.second, "back");
    EXPECT_EQ(read_text(*ends.first, 9), "back");
  });
}

// The room of what was read serves again, if the next is no larger.
TEST(SocketPair, BytesOfAllSizesFollowEachOther) {
  Machine().run([] {
    SocketEnds ends = make(SocketType::stream, abi::k_o_nonblock);
    for (const size_t size : {1, 100, 7, 100, 5000, 3, 1024, 1025, 1024}) {
      const std::string text(size, static_cast<char>('a' + size % 26));
      EXPECT_EQ(write_text(*ends.first, text), size);
      EXPECT_EQ(write_text(*ends.first, "end"), 3u);
      EXPECT_EQ(read_text(*ends.second, size), text);
      EXPECT_EQ(read_text(*ends.second, 9), "end");
      EXPECT_EQ(io::read_error(*ends.second), Errno::again);
    }
  });
}

TEST(SocketPair, ALargerPieceNeedsRoomOfItsOwn) {
  Machine().run([] {
    SocketEnds ends = make(SocketType::stream, abi::k_o_nonblock);
    constexpr size_t k_neighbours = 64;
    for (size_t index = 0; index < k_neighbours; ++index) write_text(*ends.first, "n");
    EXPECT_EQ(read_text(*ends.second, k_neighbours / 2), std::string(k_neighbours / 2, 'n'));
    const std::string large(900, 'l');
    write_text(*ends.first, large);
    EXPECT_EQ(read_text(*ends.second, k_neighbours / 2), std::string(k_neighbours / 2, 'n'));
    EXPECT_EQ(read_text(*ends.second, 1000), large);
  });
}

TEST(SocketPair, MessagesKeepTheirBorders) {
  Machine().run([] {
    for (const SocketType type : {SocketType::messages, SocketType::datagrams}) {
      SocketEnds ends = make(type, abi::k_o_nonblock);
      write_text(*ends.first, "one");
      write_text(*ends.first, "");
      write_text(*ends.first, "second");
      EXPECT_EQ(read_text(*ends.second, 9), "one");
      EXPECT_EQ(read_text(*ends.second, 9), "");
      EXPECT_EQ(read_text(*ends.second, 2), "se");
      EXPECT_EQ(io::read_error(*ends.second), Errno::again) << "the rest is gone";
      EXPECT_EQ(io::error_of(*ends.first, std::string(300'000, 'x')), Errno::msgsize);
    }
  });
}

TEST(SocketPair, TheEndOfAStream) {
  Machine().run([] {
    signals_sent = 0;
    process_hooks.signal_self = [](int signal) { signals_sent += signal == abi::k_sigpipe; };
    SocketEnds ends = make(SocketType::stream);
    write_text(*ends.first, "last");
    ends.first.reset();
    EXPECT_EQ(read_text(*ends.second, 9), "last");
    EXPECT_EQ(read_text(*ends.second, 9), "");
    EXPECT_EQ(io::error_of(*ends.second, "x"), Errno::pipe);
    EXPECT_EQ(signals_sent, 1);
    EXPECT_NE(ends.second->poll(nullptr) & abi::k_pollhup, 0u);
  });
}

TEST(SocketPair, ClosingWithUnreadBytesIsAReset) {
  Machine().run([] {
    SocketEnds ends = make(SocketType::stream);
    write_text(*ends.second, "unread");
    ends.first.reset();
    EXPECT_EQ(io::read_error(*ends.second), Errno::connreset);
    EXPECT_EQ(read_text(*ends.second, 9), "") << "told once";
  });
}

TEST(SocketPair, ADatagramFindsItsPeerGone) {
  Machine().run([] {
    SocketEnds ends = make(SocketType::datagrams, abi::k_o_nonblock);
    ends.first.reset();
    EXPECT_EQ(io::read_error(*ends.second), Errno::again) << "readers don't hear of it";
    EXPECT_EQ(io::error_of(*ends.second, "x"), Errno::connrefused);
    EXPECT_EQ(io::error_of(*ends.second, "x"), Errno::notconn);
  });
}

TEST(SocketPair, WritersWaitForRoom) {
  host::for_seeds(10, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      SocketEnds ends = make(SocketType::stream);
      host::Crew crew;
      Thread& writer = crew.add(
          [&] { EXPECT_EQ(write_text(*ends.first, std::string(500'000, 'x')), 500'000u); });
      host::await_blocked(writer, BlockReason::waiting);
      EXPECT_EQ(ends.first->poll(nullptr) & abi::k_pollout, 0u);
      size_t total = 0;
      while (total < 500'000) total += read_text(*ends.second, 50'000).size();
      crew.join();
      EXPECT_NE(ends.first->poll(nullptr) & abi::k_pollout, 0u);
      Thread& reader = crew.add([&] { EXPECT_EQ(io::read_error(*ends.second), Errno::intr); });
      host::await_blocked(reader, BlockReason::waiting);
      sched::interrupt(reader);
      crew.join();
    });
  });
}

}  // namespace
}  // namespace weft::ipc
