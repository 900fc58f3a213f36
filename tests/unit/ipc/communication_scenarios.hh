// Sockets and System V objects with many threads at once, in a Machine of either kind.
#pragma once

#include "core/ipc/socket/unix_socket.hh"
#include "core/ipc/system_v/messages.hh"
#include "core/ipc/system_v/semaphores.hh"
#include "unit/ipc/io.hh"
#include "unit/support/threads.hh"

namespace weft::scenarios {

// Two ends talk and close at the same time, and nobody hangs.
inline void ends_close_while_they_talk(unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    ipc::SocketEnds ends = ipc::make_socket_pair(ipc::SocketType::stream, 0).value();
    host::Crew crew;
    for (Ref<fs::File>* end : {&ends.first, &ends.second}) {
      crew.add([file = std::move(*end)]() mutable {
        (void)io::write(*file, "hello");
        (void)io::read(*file, 3);
        file.reset();
      });
    }
    crew.join();
  }
}

// Several writers and readers of one connection: no byte is lost.
inline void bytes_come_through(unsigned rounds) {
  ipc::SocketEnds ends = ipc::make_socket_pair(ipc::SocketType::stream, 0).value();
  Atomic<size_t> received{0};
  {
    host::Crew crew;
    crew.add_many(2, [&](unsigned) {
      for (unsigned i = 0; i < rounds; ++i) EXPECT_EQ(io::write_text(*ends.first, "12345"), 5u);
    });
    crew.add_many(2, [&](unsigned) {
      for (;;) {
        const size_t count = io::read_text(*ends.second, 7).size();
        if (received.fetch_add(count, relaxed) + count == 10 * rounds) {
          EXPECT_TRUE(ipc::Socket::of(*ends.first).value()->shutdown(abi::k_shut_wr).has_value());
        }
        if (count == 0) break;
      }
    });
    crew.join();
  }
  EXPECT_EQ(received.load(relaxed), 10 * rounds);
}

// A semaphore as a lock, and its holders count under it.
inline void semaphore_is_a_lock(unsigned rounds) {
  using namespace ipc::system_v;
  const Ref<SemaphoreSet> set = SemaphoreSet::make(1).value();
  const Actor actor;
  EXPECT_TRUE(set->set_value(0, 1, actor).has_value());
  unsigned counter = 0;
  host::Crew crew;
  crew.add_many(3, [&](unsigned) {
    const abi::SemaphoreOperation take{0, -1, 0}, give{0, 1, 0};
    for (unsigned i = 0; i < rounds; ++i) {
      EXPECT_TRUE(set->operate({&take, 1}, nullptr, k_never, actor).has_value());
      ++counter;
      EXPECT_TRUE(set->operate({&give, 1}, nullptr, k_never, actor).has_value());
    }
  });
  crew.join();
  EXPECT_EQ(counter, 3 * rounds);
}

// Each message finds the one who wants its type.
inline void messages_find_their_receivers(unsigned rounds) {
  using namespace ipc::system_v;
  const Actor actor;
  const int32_t queue = get_queue(0, 0600, actor).value();
  host::Crew crew;
  crew.add_many(3, [&](unsigned number) {
    for (unsigned i = 0; i < rounds; ++i) {
      EXPECT_EQ(receive_message(queue, number + 1, 8, 0, actor).value().type(), number + 1);
    }
  });
  crew.add([&] {
    for (unsigned i = 0; i < 3 * rounds; ++i) {
      fs::IoBuffer nothing = fs::IoBuffer::kernel({});
      EXPECT_TRUE(send_message(queue, i % 3 + 1, nothing, 0, actor).has_value());
    }
  });
  crew.join();
  EXPECT_TRUE(remove_queue(queue, actor).has_value());
}

}  // namespace weft::scenarios
