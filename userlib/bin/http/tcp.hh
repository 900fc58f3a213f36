// Connections over TCP on this machine: 127.0.0.1 and a port.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "core/base/result.hh"

namespace weft::http {

// One end of a connection. Hangs up when its owner goes.
class Connection {
 public:
  Connection() = default;
  explicit Connection(int fd) : fd_(fd) {}
  Connection(Connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Connection& operator=(Connection other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Connection();

  int fd() const { return fd_; }

  // Without waiting, in either mode. Errno::again: nothing has come, or there is no room just now.
  // Some bytes, at least one; 0 at the end.
  Result<size_t> read_now(char* buffer, size_t size);
  // How many of them; no SIGPIPE comes.
  Result<size_t> write_now(std::string_view text);

 private:
  int fd_ = -1;
};

// Somebody who waits for connections. Several threads, processes and coroutines may take from the same one: each
// connection goes to one of them.
class Listener {
 public:
  // Port 0: any that is free.
  static Result<Listener> at(uint16_t port);

  Listener(Listener&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Listener& operator=(Listener other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Listener();

  int fd() const { return fd_; }
  Result<uint16_t> port() const;

  // The next one who comes. The thread waits; the connection is in the blocking mode.
  Result<Connection> accept() const;
  // The coroutine waits; the connection is in the non-blocking mode, as with take().
  Result<Connection> accept_in_coroutine() const;
  // One who has come. Errno::again: nobody has.
  Result<Connection> take() const;

 private:
  explicit Listener(int fd) : fd_(fd) {}
  int fd_;
};

// For a coroutine: to who listens at that port. Errno::connrefused if nobody does.
Result<Connection> connect_to(uint16_t port);

// So many descriptors at least, if this process may have them.
void allow_descriptors(uint64_t count);

}  // namespace weft::http
