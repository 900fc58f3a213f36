// CoroutineStream: a connection whose waits stop a coroutine, and not its thread.
#pragma once

#include "core/abi/socket.hh"
#include "userlib/bin/http/stream.hh"
#include "userlib/coro/io.hh"

namespace weft::http {

class CoroutineStream final : public Stream {
 public:
  explicit CoroutineStream(int fd) : fd_(fd) {}
  Result<size_t> read(char* buffer, size_t size) override { return coro::read(fd_, buffer, size); }
  Result<> write_all(std::string_view text) override {
    while (!text.empty()) {
      text.remove_prefix(
          TRY(coro::sendto(fd_, text.data(), text.size(), abi::k_msg_nosignal, nullptr, 0)));
    }
    return {};
  }

 private:
  int fd_;
};

}  // namespace weft::http
