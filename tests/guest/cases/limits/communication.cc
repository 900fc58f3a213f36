// Ten thousand sockets, and ten thousand descriptors that one epoll set watches.
#include "guest/support/socket.hh"

namespace weft::guest {
namespace {

constexpr int k_connections = 5'000;
constexpr int k_watched = 10'000;

void allow_many_files() {
  rlimit limit{30'000, 30'000};
  must("prlimit64", sys::prlimit64(0, RLIMIT_NOFILE, &limit, nullptr));
}

}  // namespace

GUEST_CASE(limit_10000_connected_sockets) {
  static int clients[k_connections], servers[k_connections];
  allow_many_files();
  Socket listener(AF_INET, SOCK_STREAM);
  sockaddr_in at = inet_address(0);
  int size = sizeof at;
  must("bind", bind_to(listener.fd, at));
  must("listen", sys::listen(listener.fd, 100));
  must("getsockname", sys::getsockname(listener.fd, &at, &size));
  for (int i = 0; i < k_connections; ++i) {
    clients[i] = static_cast<int>(must("socket", sys::socket(AF_INET, SOCK_STREAM, 0)));
    must("connect", connect_to(clients[i], at));
    servers[i] = static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr)));
    must("write", sys::write(clients[i], &i, sizeof i));
  }
  int right = 0;
  for (int i = 0; i < k_connections; ++i) {
    int got = -1;
    must("read", sys::read(servers[i], &got, sizeof got));
    right += got == i ? 1 : 0;
    must("answer", sys::write(servers[i], &got, sizeof got));
  }
  show("each heard its own client", right);
  right = 0;
  for (int i = 0; i < k_connections; ++i) {
    int got = -1;
    must("read", sys::read(clients[i], &got, sizeof got));
    right += got == i ? 1 : 0;
    sys::close(clients[i]);
  }
  show("and was heard", right);
  int ended = 0;
  for (const int server : servers) {
    char byte;
    ended += sys::read(server, &byte, 1) == 0 ? 1 : 0;
    sys::close(server);
  }
  show("ends", ended);
}

GUEST_CASE(limit_10000_watched_descriptors) {
  static int watched[k_watched];
  allow_many_files();
  const int set = static_cast<int>(must("epoll_create1", sys::epoll_create1(0)));
  for (int i = 0; i < k_watched; ++i) {
    watched[i] = static_cast<int>(must("eventfd2", sys::eventfd2(0, 0)));
    epoll_event event{EPOLLIN, static_cast<uint64_t>(i)};
    must("epoll_ctl", sys::epoll_ctl(set, EPOLL_CTL_ADD, watched[i], &event));
  }
  static epoll_event events[k_watched];
  show("idle", sys::epoll_wait(set, events, k_watched, 0));
  const uint64_t one = 1;
  must("write", sys::write(watched[7'777], &one, 8));
  show("one is ready", sys::epoll_wait(set, events, k_watched, -1));
  show("which", static_cast<long>(events[0].data));
  for (const int each : watched) must("write", sys::write(each, &one, 8));
  show("all are ready", sys::epoll_wait(set, events, k_watched, -1));
}

}  // namespace weft::guest
