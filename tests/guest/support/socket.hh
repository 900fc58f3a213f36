// Sockets and their addresses, in a few words.
#pragma once

#include <string_view>

#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

// A socket that is closed when the case is done with it.
struct Socket {
  explicit Socket(int number) : fd(number) {}
  Socket(int family, int type)
      : fd(static_cast<int>(must("socket", sys::socket(family, type, 0)))) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(); }
  void close() {
    if (fd >= 0) sys::close(fd);
    fd = -1;
  }
  int fd;
};

// A Unix address. An abstract name begins with '@' here.
struct UnixAddress {
  constexpr explicit UnixAddress(std::string_view name) {
    for (size_t i = 0; i < name.size(); ++i) address.sun_path[i] = name[i];
    const bool is_abstract = !name.empty() && name[0] == '@';
    if (is_abstract) address.sun_path[0] = '\0';
    size = static_cast<int>(2 + name.size() + (is_abstract ? 0 : 1));
  }
  sockaddr_un address{AF_UNIX, {}};
  int size = 0;
};

inline sockaddr_in inet_address(int port, uint32_t address = 0x7f000001) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = __builtin_bswap16(static_cast<uint16_t>(port));
  made.sin_addr.s_addr = __builtin_bswap32(address);
  return made;
}

inline long bind_to(int fd, const UnixAddress& at) { return sys::bind(fd, &at.address, at.size); }
inline long connect_to(int fd, const UnixAddress& at) {
  return sys::connect(fd, &at.address, at.size);
}
inline long bind_to(int fd, const sockaddr_in& at) { return sys::bind(fd, &at, sizeof at); }
inline long connect_to(int fd, const sockaddr_in& at) { return sys::connect(fd, &at, sizeof at); }

inline int option(int fd, int name, int level = SOL_SOCKET) {
  int value = -1;
  int size = sizeof value;
  must("getsockopt", sys::getsockopt(fd, level, name, &value, &size));
  return value;
}
inline long set_option(int fd, int name, int value, int level = SOL_SOCKET) {
  return sys::setsockopt(fd, level, name, &value, sizeof value);
}

// What poll() says of it now, as a number; 0 if nothing.
inline int events_of(int fd) {
  pollfd one{fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  sys::poll(&one, 1, 0);
  return one.revents;
}

inline long send_text(int fd, std::string_view text, int flags = MSG_NOSIGNAL) {
  return sys::sendto(fd, text.data(), text.size(), flags, nullptr, 0);
}
// "what: 'text'", "what: nothing" at the end, or the error.
inline void show_receive(std::string_view what, int fd, size_t count = 100, int flags = 0) {
  char room[200];
  const long got = sys::recvfrom(fd, room, count, flags, nullptr, nullptr);
  if (got < 0) return show(what, got);
  if (got == 0) return say("{}: nothing", what);
  say("{}: '{}'", what, std::string_view(room, static_cast<size_t>(got)));
}

}  // namespace weft::guest
