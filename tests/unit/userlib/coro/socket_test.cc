// Sockets and poll(): whoever waits for one stops, and the worker goes on.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "userlib/base/clock.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/io.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/scheduler.hh"

namespace weft::coro {
namespace {

class Sockets : public testing::TestWithParam<Options> {
 protected:
  template <typename Function>
  void in_runtime(Function function) {
    coro::run(GetParam(), std::move(function));
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, Sockets,
                         testing::Values(Options{.mode = Mode::lone},
                                         Options{.mode = Mode::shared, .workers = 1},
                                         Options{.mode = Mode::shared, .workers = 3},
                                         Options{.mode = Mode::deterministic, .seed = 7}),
                         [](const auto& info) { return std::to_string(info.index); });

// Who listens at a port of this machine, in the blocking mode.
struct Listener {
  Listener() {
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd, 64), 0);
    socklen_t size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  }
  ~Listener() { close(fd); }
  int fd;
  sockaddr_in address{};
};

int make_socket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

TEST_P(Sockets, ACoroutineAcceptsWhatAnotherConnects) {
  in_runtime([] {
    const Listener listener;
    auto server = go([&] {
      sockaddr_in from{};
      int32_t size = sizeof from;
      const auto accepted = accept(listener.fd, &from, &size);
      ASSERT_TRUE(accepted.has_value());
      EXPECT_EQ(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
      char byte = 0;
      EXPECT_EQ(read(*accepted, &byte, 1), 1u);
      EXPECT_TRUE(write_all(*accepted, &byte, 1).has_value());
      close(*accepted);
    });
    yield();
    const int client = make_socket();
    ASSERT_TRUE(connect(client, &listener.address, sizeof listener.address).has_value());
    EXPECT_EQ(fcntl(client, F_GETFL) & O_NONBLOCK, 0) << "the mode is as it was";
    char byte = 'x';
    EXPECT_TRUE(write_all(client, &byte, 1).has_value());
    byte = 0;
    EXPECT_EQ(read(client, &byte, 1), 1u);
    EXPECT_EQ(byte, 'x');
    server.join();
    close(client);
  });
}

TEST_P(Sockets, ManyConnectionsAtOnce) {
  in_runtime([] {
    constexpr int k_count = 50;
    const Listener listener;
    Atomic<int> echoed{0};
    auto server = go([&] {
      for (int i = 0; i < k_count; ++i) {
        const int fd = *accept(listener.fd);
        go([&, fd] {
          int number = 0;
          if (read(fd, &number, sizeof number) == sizeof number)
            (void)write_all(fd, &number, sizeof number);
          close(fd);
        }).detach();
      }
    });
    std::vector<handle<void>> clients;
    for (int i = 0; i < k_count; ++i) {
      clients.push_back(go([&, i] {
        const int fd = make_socket();
        ASSERT_TRUE(connect(fd, &listener.address, sizeof listener.address).has_value());
        int number = i;
        (void)write_all(fd, &number, sizeof number);
        number = -1;
        if (read(fd, &number, sizeof number) == sizeof number && number == i)
          echoed.fetch_add(1, relaxed);
        close(fd);
      }));
    }
    join_all(clients);
    server.join();
    EXPECT_EQ(echoed.load(relaxed), k_count);
  });
}

TEST_P(Sockets, NobodyThereIsAnError) {
  in_runtime([] {
    sockaddr_in nobody{};
    {
      const Listener gone;
      nobody = gone.address;
    }
    const int client = make_socket();
    EXPECT_EQ(connect(client, &nobody, sizeof nobody), fail(Errno::connrefused));
    close(client);
    EXPECT_EQ(accept(-1), fail(Errno::badf));
    EXPECT_EQ(connect(-1, &nobody, sizeof nobody), fail(Errno::badf));
  });
}

TEST_P(Sockets, AnAcceptEndsByItsDeadlineOrByCancellation) {
  in_runtime([] {
    const Listener listener;
    EXPECT_EQ(accept(listener.fd, nullptr, nullptr, 0, now() + k_millisecond),
              fail(Errno::timedout));
    auto waits = go([&] { return accept(listener.fd); });
    yield();
    waits.cancel();
    EXPECT_EQ(waits.join(), fail(Errno::intr));
  });
}

TEST_P(Sockets, AFullUnixListenerIsTriedAgain) {
  in_runtime([] {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = "weft-socket-test-" + std::to_string(getpid());
    name.copy(address.sun_path + 1, sizeof address.sun_path - 1);  // no file: an abstract name
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(listener, 0), 0);
    std::vector<int> clients;
    // Until the queue is full.
    for (;;) {
      clients.push_back(socket(AF_UNIX, SOCK_STREAM, 0));
      const auto done =
          connect(clients.back(), &address, sizeof address, now() + 3 * k_millisecond);
      if (done) continue;
      EXPECT_EQ(done, fail(Errno::timedout));
      break;
    }
    auto patient = go([&] { return connect(clients.back(), &address, sizeof address); });
    yield();
    close(*accept(listener));
    EXPECT_TRUE(patient.join().has_value());
    for (const int each : clients) close(each);
    close(listener);
  });
}

TEST_P(Sockets, MessagesWaitForTheOtherSide) {
  in_runtime([] {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    auto receiver = go([&] {
      char text[8] = {};
      iovec part{text, sizeof text};
      abi::MessageHeader message{};
      message.parts = reinterpret_cast<uint64_t>(&part);
      message.part_count = 1;
      EXPECT_EQ(recvmsg(ends[0], message), 5u);
      char again[8] = {};
      EXPECT_EQ(recvfrom(ends[0], again, sizeof again, 0, nullptr, nullptr), 3u);
      return std::string(text) + again;
    });
    yield();
    char text[] = "first";
    iovec part{text, 5};
    abi::MessageHeader message{};
    message.parts = reinterpret_cast<uint64_t>(&part);
    message.part_count = 1;
    EXPECT_EQ(sendmsg(ends[1], message), 5u);
    EXPECT_EQ(sendto(ends[1], "two", 3, 0, nullptr, 0), 3u);
    EXPECT_EQ(receiver.join(), "firsttwo");
    EXPECT_EQ(coro::recvfrom(ends[0], text, 1, abi::k_msg_dontwait, nullptr, nullptr),
              fail(Errno::again));
    close(ends[0]);
    close(ends[1]);
  });
}

TEST_P(Sockets, PollTellsWhichOfManyIsReady) {
  in_runtime([] {
    constexpr int k_pairs = 6;
    int ends[k_pairs][2];
    for (auto& pair : ends) ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    for (int ready = 0; ready < k_pairs; ++ready) {
      auto waits = go([&] {
        std::array<abi::PollEntry, k_pairs + 1> entries{};
        for (int i = 0; i < k_pairs; ++i) entries[static_cast<size_t>(i)] = {ends[i][0], POLLIN, 0};
        entries[k_pairs] = {-1, POLLIN, 0};  // is left out
        EXPECT_EQ(coro::poll(entries), 1u);
        for (int i = 0; i < k_pairs; ++i)
          EXPECT_EQ(entries[static_cast<size_t>(i)].happened, i == ready ? POLLIN : 0);
      });
      yield();
      EXPECT_TRUE(write_all(ends[ready][1], "x", 1).has_value());
      waits.join();
      char byte;
      EXPECT_EQ(read(ends[ready][0], &byte, 1), 1u);
    }
    for (auto& pair : ends) {
      close(pair[0]);
      close(pair[1]);
    }
  });
}

TEST_P(Sockets, PollEndsByItsDeadlineOrByCancellation) {
  in_runtime([] {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    abi::PollEntry both[] = {{ends[0], POLLIN, 0}, {ends[1], POLLIN, 0}};
    EXPECT_EQ(coro::poll(both, now() + k_millisecond), 0u);
    EXPECT_EQ(coro::poll({}, now() + k_millisecond), 0u);
    auto waits = go([&] { return coro::poll(both); });
    yield();
    waits.cancel();
    EXPECT_EQ(waits.join(), fail(Errno::intr));
    abi::PollEntry closed[] = {{ends[0], POLLIN, 0}, {12'345, POLLIN, 0}};
    EXPECT_EQ(coro::poll(closed),
              1u);  // as poll(): the entry tells that there is no such descriptor
    EXPECT_EQ(closed[1].happened, POLLNVAL);
    close(ends[0]);
    close(ends[1]);
  });
}

TEST(SocketsOfThreads, AreTheKernelsOwnCalls) {
  const Listener listener;
  const int client = make_socket();
  ASSERT_TRUE(coro::connect(client, &listener.address, sizeof listener.address).has_value());
  const auto accepted = coro::accept(listener.fd);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(coro::sendto(client, "x", 1, 0, nullptr, 0), 1u);
  abi::PollEntry entry[] = {{*accepted, POLLIN, 0}};
  EXPECT_EQ(coro::poll(entry), 1u);
  close(*accepted);
  close(client);
}

// In a process of its own, which has as many descriptors as it may have but one: that is for the set of those that
// are waited for, and the worker has none to be woken by.
TEST_P(Sockets, AWorkerThatCanHaveNoDescriptorToBeWokenByLooksNowAndThen) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        char heard = 0;
        coro::run(GetParam(), [&] {
          int ends[2];
          (void)!pipe(ends);
          while (dup(0) >= 0) {
          }
          close(ends[1] + 1);
          auto reader = go([&] { (void)coro::read(ends[0], &heard, 1); });
          auto sleeper = go([&] {
            (void)sleep_for(k_millisecond);
            (void)!::write(ends[1], "x", 1);
          });
          reader.join();
          sleeper.join();
        });
        _exit(heard);
      },
      testing::ExitedWithCode('x'), "");
}

}  // namespace
}  // namespace weft::coro
