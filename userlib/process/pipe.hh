// Ways for bytes and values between processes: a pipe, and a pair of connected sockets.
#pragma once

#include <span>
#include <string_view>
#include <type_traits>

#include "core/base/result.hh"
#include "userlib/base/file.hh"

namespace weft {

// What is written to one end comes out of the other. Close-on-exec: a program gets an end by
// spawn_options, or not at all.
struct pipe {
  Descriptor read_end;
  Descriptor write_end;

  static Result<pipe> make();
};

// Two ends that are alike: each reads what the other writes.
struct socket_pair {
  Descriptor first;
  Descriptor second;

  static Result<socket_pair> make();
};

// Reads so many bytes, in as many calls as that takes. False: the end came first, before any byte.
// Errno::connreset: it came in the middle.
Result<bool> read_exactly(int fd, std::span<char> room);

// Writes all of it. When nobody can read it any more, that is Errno::pipe, and no SIGPIPE comes.
Result<> write_exactly(int fd, std::string_view bytes);

// A value, as the bytes that it is. Errno::pipe when there is no more to come, or nobody to read.
template <typename T>
  requires std::is_trivially_copyable_v<T>
Result<> send_value(int fd, const T& value) {
  return write_exactly(fd, {reinterpret_cast<const char*>(&value), sizeof value});
}
template <typename T>
  requires std::is_trivially_copyable_v<T>
Result<T> receive_value(int fd) {
  alignas(T) char room[sizeof(T)];
  if (!TRY(read_exactly(fd, room))) return fail(Errno::pipe);
  return *reinterpret_cast<T*>(room);
}

}  // namespace weft
