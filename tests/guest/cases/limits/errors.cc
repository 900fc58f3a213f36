// What each call says when a limit is reached.
#include "guest/support/clock.hh"
#include "guest/support/files.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"
#include "guest/support/socket.hh"
#include "guest/support/system_v.hh"

namespace weft::guest {
namespace {

void set_limit(int which, unsigned long most) {
  const rlimit limit{most, most};
  must("prlimit64", sys::prlimit64(0, which, &limit, nullptr));
}

}  // namespace

GUEST_CASE(limit_of_descriptors_for_each_call) {
  Socket listener(AF_UNIX, SOCK_STREAM);
  const UnixAddress name("@limit");
  must("bind", bind_to(listener.fd, name));
  must("listen", sys::listen(listener.fd, 5));
  Socket client(AF_UNIX, SOCK_STREAM);
  must("connect", connect_to(client.fd, name));
  const int last = static_cast<int>(must("dup", sys::dup(0)));
  sys::close(last);
  set_limit(RLIMIT_NOFILE, static_cast<unsigned long>(last));
  int ends[2] = {7, 7};
  const SignalSet none = 0;
  show("open", sys::open("/dev/null", O_RDONLY, 0));
  show("pipe2", sys::pipe2(ends, 0));
  show("dup", sys::dup(0));
  show("dup2", sys::dup2(0, last));
  show("fcntl", sys::fcntl(0, F_DUPFD, static_cast<long>(0)));
  show("fcntl beyond", sys::fcntl(0, F_DUPFD, static_cast<long>(last)));
  show("socket", sys::socket(AF_INET, SOCK_STREAM, 0));
  show("socketpair", sys::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  show("accept4", sys::accept4(listener.fd, nullptr, nullptr, 0));
  show("epoll_create1", sys::epoll_create1(0));
  show("eventfd2", sys::eventfd2(0, 0));
  show("timerfd_create", sys::timerfd_create(CLOCK_MONOTONIC, 0));
  show("signalfd4", sys::signalfd4(-1, &none, k_signal_set_size, 0));
  show("pidfd_open", sys::pidfd_open(sys::getpid(), 0));
  show("memfd_create", sys::memfd_create("name", 0));
  check("nothing was stored", ends[0] == 7 && ends[1] == 7);
}

GUEST_CASE(limit_of_message_queues) {
  long error = 0;
  int count = 0;
  for (; error >= 0; ++count) error = sys::msgget(IPC_PRIVATE, 0600);
  say("the {}th", count);
  show("says", error);
  show("one that is there already", sys::msgget(12345, 0600));
}

GUEST_CASE(limit_of_semaphore_sets) {
  long error = 0;
  int count = 0;
  for (; error >= 0; ++count) error = sys::semget(IPC_PRIVATE, 1, 0600);
  say("the {}th", count);
  show("says", error);
}

GUEST_CASE(limit_of_pending_signals) {
  block(signal_set(SIGUSR1, 40));
  set_limit(RLIMIT_SIGPENDING, 0);
  siginfo_t info{};
  info.si_code = SI_QUEUE;
  show("rt_sigqueueinfo", sys::rt_sigqueueinfo(static_cast<int>(sys::getpid()), 40, &info));
  show("kill", sys::kill(sys::getpid(), SIGUSR1));
  int timer = 0;
  show("timer_create", sys::timer_create(CLOCK_MONOTONIC, nullptr, &timer));
}

GUEST_CASE(limit_of_a_listener) {
  Socket listener(AF_UNIX, SOCK_STREAM);
  const UnixAddress name("@backlog");
  must("bind", bind_to(listener.fd, name));
  must("listen", sys::listen(listener.fd, 1));
  Socket one(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
  Socket two(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
  Socket three(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
  show("first", connect_to(one.fd, name));
  show("second", connect_to(two.fd, name));
  show("third", connect_to(three.fd, name));
}

GUEST_CASE(limit_of_addresses) {
  Socket socket(AF_INET, SOCK_STREAM);
  show("an address of somebody else", bind_to(socket.fd, inet_address(0, 0x08080808)));
  show("a way to nowhere", connect_to(socket.fd, inet_address(80, 0x08080808)));
  Socket datagrams(AF_INET, SOCK_DGRAM);
  show("the same for datagrams", connect_to(datagrams.fd, inet_address(80, 0x08080808)));
  sockaddr_in wrong = inet_address(80);
  wrong.sin_family = AF_UNIX;
  show("another family", connect_to(socket.fd, wrong));
  show("another family to bind to", bind_to(socket.fd, wrong));
  show("a short address", sys::connect(socket.fd, &wrong, 4));
}

}  // namespace weft::guest
