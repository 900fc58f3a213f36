// CoroutineStream: a connection whose waits stop a coroutine, and not its thread.
#pragma once

#include "userlib/bin/http/stream.hh"
#include "userlib/coro/io.hh"

namespace weft::http {

class CoroutineStream final : public Stream {
 public:
  explicit CoroutineStream(int fd) : fd_(fd) {}
  Result<size_t> read(char* buffer, size_t size) override { return coro::read(fd_, buffer, size); }
  Result<> write_all(std::string_view text) override {
    return coro::write_all(fd_, text.data(), text.size());
  }

 private:
  int fd_;
};

}  // namespace weft::http
