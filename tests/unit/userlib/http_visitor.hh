// Visitor: a client of a server under test, for what good and bad clients do.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "userlib/bin/http/client.hh"

namespace weft::http {

constexpr int k_patience = 10;  // seconds, for an answer that would never come

// A client's end of a connection. Its reads give up after a while, so that a test fails rather than hangs.
class Visitor {
 public:
  explicit Visitor(uint16_t port)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        stream_(fd_),
        client_(stream_, "weft") {
    const timeval patience = {k_patience, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Visitor() { hang_up(); }

  void hang_up() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  // Without a word: the other side sees an error.
  void break_off() {
    const linger none = {1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    hang_up();
  }

  // The answer's body; "" when there is none.
  std::string ask(std::string_view target) {
    const auto answer = client_.get(target);
    return answer ? std::string(answer->body.view()) : "";
  }
  void say(std::string_view text) { ASSERT_TRUE(stream_.write_all(text)); }
  void say_no_more() { shutdown(fd_, SHUT_WR); }
  // So many bytes, or all until the end.
  std::string hear(size_t count) {
    std::string heard(count, '\0');
    size_t size = 0;
    while (size < count) {
      const auto more = stream_.read(heard.data() + size, count - size);
      if (!more || *more == 0) break;
      size += *more;
    }
    heard.resize(size);
    return heard;
  }
  bool is_at_end() {
    char byte;
    const auto count = stream_.read(&byte, 1);
    return count ? *count == 0 : count.error() == Errno::connreset;
  }

 private:
  int fd_;
  BlockingStream stream_;
  Client client_;
};

}  // namespace weft::http
