// Ten thousand sockets, and ten thousand descriptors that one epoll set watches. A process may have 4,096
// files, so there are several, which all have theirs at the same time.
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/socket.hh"

namespace weft::guest {
namespace {

constexpr int k_processes = 4;
constexpr int k_connections = 1'250;  // of each: with two sockets
constexpr int k_watched = 2'500;      // of each

void allow_many_files() {
  rlimit limit{4'096, 4'096};
  must("prlimit64", sys::prlimit64(0, RLIMIT_NOFILE, &limit, nullptr));
}

// How one process tells its parent that it has come so far, and hears that it may go on.
struct Steps {
  Pipe done, go;

  void finish_step() {
    must("write", sys::write(done.writer, "x", 1));
    char byte;
    must("read", sys::read(go.reader, &byte, 1));
  }
};

void wait_for_all(Steps* all) {
  char byte;
  for (int i = 0; i < k_processes; ++i) must("read", sys::read(all[i].done.reader, &byte, 1));
}

void let_all_go_on(Steps* all) {
  for (int i = 0; i < k_processes; ++i) must("write", sys::write(all[i].go.writer, "x", 1));
}

// How many of them hear their number from the other side.
int count_heard(const int* to, const int* from) {
  int right = 0;
  for (int i = 0; i < k_connections; ++i) {
    int got = -1;
    must("write", sys::write(to[i], &i, sizeof i));
    must("read", sys::read(from[i], &got, sizeof got));
    right += got == i ? 1 : 0;
  }
  return right;
}

int connect_many(Steps& steps) {
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
  }
  steps.finish_step();
  const int right = count_heard(clients, servers) + count_heard(servers, clients);
  for (const int client : clients) sys::close(client);
  int ended = 0;
  for (const int server : servers) {
    char byte;
    ended += sys::read(server, &byte, 1) == 0 ? 1 : 0;
  }
  return right == 2 * k_connections && ended == k_connections ? 0 : 1;
}

int watch_many(Steps& steps, int set, int first) {
  static int watched[k_watched];
  allow_many_files();
  for (int i = 0; i < k_watched; ++i) {
    watched[i] = static_cast<int>(must("eventfd2", sys::eventfd2(0, 0)));
    epoll_event event{EPOLLIN, static_cast<uint64_t>(first + i)};
    must("epoll_ctl", sys::epoll_ctl(set, EPOLL_CTL_ADD, watched[i], &event));
  }
  steps.finish_step();
  const uint64_t one = 1;
  if (first == 0) must("write", sys::write(watched[777], &one, sizeof one));
  steps.finish_step();
  for (const int each : watched) must("write", sys::write(each, &one, sizeof one));
  steps.finish_step();
  return 0;
}

}  // namespace

GUEST_CASE(limit_10000_connected_sockets) {
  Steps steps[k_processes];
  int children[k_processes];
  for (int i = 0; i < k_processes; ++i) {
    children[i] = start_child([&] { return connect_many(steps[i]); });
  }
  wait_for_all(steps);
  say("all are connected");
  let_all_go_on(steps);
  for (const int child : children) show_status("every one heard its own", wait_for(child));
}

GUEST_CASE(limit_10000_watched_descriptors) {
  Steps steps[k_processes];
  static epoll_event events[k_processes * k_watched + 1];
  const int most = k_processes * k_watched + 1;
  const int set = static_cast<int>(must("epoll_create1", sys::epoll_create1(0)));
  int children[k_processes];
  for (int i = 0; i < k_processes; ++i) {
    children[i] = start_child([&] { return watch_many(steps[i], set, i * k_watched); });
  }
  wait_for_all(steps);
  show("idle", sys::epoll_wait(set, events, most, 0));
  let_all_go_on(steps);
  wait_for_all(steps);
  show("ready", sys::epoll_wait(set, events, most, -1));
  show("which", static_cast<long>(events[0].data));
  let_all_go_on(steps);
  wait_for_all(steps);
  show("all are ready", sys::epoll_wait(set, events, most, -1));
  let_all_go_on(steps);
  for (const int child : children) show_status("child", wait_for(child));
}

}  // namespace weft::guest
