// Stream: a connection, as servers and clients see it. Whether a wait for the other side stops the thread
// or only a coroutine is the business of who makes the stream: the code above it is the same.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/result.hh"
#include "userlib/base/string.hh"

namespace weft::http {

class Stream {
 public:
  // Some bytes, at least one; 0 at the end.
  virtual Result<size_t> read(char* buffer, size_t size) = 0;
  // All of it. When the other side has gone, that is Errno::pipe or connreset, and no SIGPIPE comes.
  virtual Result<> write_all(std::string_view text) = 0;

 protected:
  ~Stream() = default;
};

// A socket in the blocking mode. The thread waits.
class BlockingStream final : public Stream {
 public:
  explicit BlockingStream(int fd) : fd_(fd) {}
  Result<size_t> read(char* buffer, size_t size) override;
  Result<> write_all(std::string_view text) override;

 private:
  int fd_;
};

// What has been read from a stream and not been used yet.
class Input {
 public:
  explicit Input(Stream& stream) : stream_(stream) {}

  std::string_view text() const { return text_.view().substr(used_); }
  void use(size_t count) { used_ += count; }
  // Takes so much off the front.
  String take(size_t count) {
    String taken(text().substr(0, count));
    use(count);
    return taken;
  }
  // Waits for more. False at the end of the stream.
  Result<bool> fill();

 private:
  Stream& stream_;
  String text_;
  size_t used_ = 0;
};

}  // namespace weft::http
