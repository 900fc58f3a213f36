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

// For an answer that would never come, in seconds. Who has waited so long once has no patience any more, or
// a test with many questions would take an hour to fail.
constexpr int k_patience = 10;
inline bool patience_is_over = false;

// A client's end of a connection. Its reads give up after a while, so that a test fails rather than hangs.
class Visitor {
 public:
  explicit Visitor(uint16_t port)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        stream_(fd_),
        client_(stream_, "weft") {
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
    be_patient();
    const auto answer = client_.get(target);
    if (!answer) note(answer.error());
    return answer ? std::string(answer->body.view()) : "";
  }
  void say(std::string_view text) { ASSERT_TRUE(stream_.write_all(text)); }
  void say_no_more() { shutdown(fd_, SHUT_WR); }
  // So many bytes, or all until the end.
  std::string hear(size_t count) {
    be_patient();
    std::string heard(count, '\0');
    size_t size = 0;
    while (size < count) {
      const auto more = stream_.read(heard.data() + size, count - size);
      if (!more) note(more.error());
      if (!more || *more == 0) break;
      size += *more;
    }
    heard.resize(size);
    return heard;
  }
  bool is_at_end() {
    be_patient();
    char byte;
    const auto count = stream_.read(&byte, 1);
    if (!count) note(count.error());
    return count ? *count == 0 : count.error() == Errno::connreset;
  }

 private:
  void be_patient() {
    const timeval patience = {patience_is_over ? 0 : k_patience, 1000};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  static void note(Errno error) {
    if (error == Errno::again) patience_is_over = true;
  }

  int fd_;
  BlockingStream stream_;
  Client client_;
};

}  // namespace weft::http
