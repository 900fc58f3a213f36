// Two sides that take turns on one CPU: the cost of a round trip, which is two switches and two wakes.
#include "bench/guest/measure.hh"
#include "guest/support/pipe.hh"
#include "guest/support/shared.hh"
#include "guest/support/thread.hh"

namespace weft::bench {
namespace {

constexpr int k_rounds = 2'000;

// The other side, as a child process; ended when the measurement is.
template <typename Body>
class OtherProcess {
 public:
  explicit OtherProcess(Body body)
      : pid_(start_child([&] {
          for (;;) body();
        })) {}
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;
  ~OtherProcess() {
    sys::kill(pid_, SIGKILL);
    wait_for(pid_);
  }

 private:
  int pid_;
};

// The other side, as a thread. It never ends: exit_group does that.
template <typename Body>
void start_other_thread(Body& body) {
  static char stack[64 * 1024];
  static int alive;
  must("clone", clone_thread(
                    k_thread_flags, stack + sizeof stack,
                    [](void* argument) -> int {
                      for (;;) (*static_cast<Body*>(argument))();
                    },
                    &body, &alive, &alive, nullptr));
}

// One byte there and one back, over any two pairs of descriptors.
struct ByteChannel {
  int to_read;
  int to_write;
  void ping() const {
    char byte = 'x';
    sys::write(to_write, &byte, 1);
    sys::read(to_read, &byte, 1);
  }
  void pong() const {
    char byte;
    sys::read(to_read, &byte, 1);
    sys::write(to_write, &byte, 1);
  }
};

struct Pipes {
  Pipe there;
  Pipe back;
  ByteChannel first() const { return {back.reader, there.writer}; }
  ByteChannel second() const { return {there.reader, back.writer}; }
};

// The futex word says whose turn it is.
void pass_turn(int& turn, int own) {
  store(turn, 1 - own);
  sys::futex(&turn, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  while (load(turn) != own) sys::futex(&turn, FUTEX_WAIT, 1 - own, nullptr, nullptr, 0);
}

void take_turn(int& turn, int own) {
  while (load(turn) != own) sys::futex(&turn, FUTEX_WAIT, 1 - own, nullptr, nullptr, 0);
  store(turn, 1 - own);
  sys::futex(&turn, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

double epoll_ping_pong(int watched) {
  const rlimit limit{4096, 4096};
  sys::prlimit64(0, RLIMIT_NOFILE, &limit, nullptr);
  const int epoll = static_cast<int>(must("epoll_create1", sys::epoll_create1(0)));
  const auto watch = [&](int fd) {
    epoll_event event{EPOLLIN, static_cast<uint64_t>(fd)};
    must("epoll_ctl", sys::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
  };
  for (int index = 1; index < watched; ++index) {
    int ends[2];
    must("pipe", sys::pipe(ends));
    watch(ends[0]);
  }
  Pipes pipes;
  watch(pipes.back.reader);
  OtherProcess other([&] { pipes.second().pong(); });
  return per_operation(k_rounds, [&] {
    char byte = 'x';
    sys::write(pipes.there.writer, &byte, 1);
    epoll_event event;
    sys::epoll_wait(epoll, &event, 1, -1);
    sys::read(static_cast<int>(event.data), &byte, 1);
  });
}

}  // namespace

BENCHMARK(pipe_ping_pong_processes) {
  Pipes pipes;
  OtherProcess other([&] { pipes.second().pong(); });
  return per_operation(k_rounds, [&] { pipes.first().ping(); });
}

BENCHMARK(pipe_ping_pong_threads) {
  Pipes pipes;
  auto pong = [&] { pipes.second().pong(); };
  start_other_thread(pong);
  const double cost = per_operation(k_rounds, [&] { pipes.first().ping(); });
  return cost;
}

BENCHMARK(futex_ping_pong_threads) {
  static int turn;
  static auto other = [] { take_turn(turn, 1); };
  start_other_thread(other);
  return per_operation(k_rounds, [] { pass_turn(turn, 0); });
}

BENCHMARK(futex_ping_pong_processes) {
  Shared<int> turn;
  OtherProcess other([&] { take_turn(*turn, 1); });
  return per_operation(k_rounds, [&] { pass_turn(*turn, 0); });
}

BENCHMARK(socketpair_ping_pong) {
  int ends[2];
  must("socketpair", sys::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  const ByteChannel first{ends[0], ends[0]};
  const ByteChannel second{ends[1], ends[1]};
  OtherProcess other([&] { second.pong(); });
  return per_operation(k_rounds, [&] { first.ping(); });
}

BENCHMARK(semaphore_ping_pong) {
  const long set = must("semget", sys::semget(IPC_PRIVATE, 2, IPC_CREAT | 0600));
  const auto operate = [set](unsigned short number, short change) {
    sembuf one{number, change, 0};
    sys::semop(set, &one, 1);
  };
  OtherProcess other([&] {
    operate(0, -1);
    operate(1, 1);
  });
  return per_operation(k_rounds, [&] {
    operate(0, 1);
    operate(1, -1);
  });
}

BENCHMARK(message_queue_ping_pong) {
  const long queue = must("msgget", sys::msgget(IPC_PRIVATE, IPC_CREAT | 0600));
  struct Message {
    long type;
    char text[8];
  };
  OtherProcess other([&] {
    Message message;
    sys::msgrcv(queue, &message, 1, 1, 0);
    message.type = 2;
    sys::msgsnd(queue, &message, 1, 0);
  });
  return per_operation(k_rounds, [&] {
    Message message{1, {}};
    sys::msgsnd(queue, &message, 1, 0);
    sys::msgrcv(queue, &message, 1, 2, 0);
  });
}

BENCHMARK(eventfd_ping_pong) {
  const int there = static_cast<int>(must("eventfd2", sys::eventfd2(0, 0)));
  const int back = static_cast<int>(must("eventfd2", sys::eventfd2(0, 0)));
  OtherProcess other([&] {
    uint64_t value;
    sys::read(there, &value, 8);
    value = 1;
    sys::write(back, &value, 8);
  });
  return per_operation(k_rounds, [&] {
    uint64_t value = 1;
    sys::write(there, &value, 8);
    sys::read(back, &value, 8);
  });
}

BENCHMARK(epoll_ping_pong_1_watched) { return epoll_ping_pong(1); }
BENCHMARK(epoll_ping_pong_1000_watched) { return epoll_ping_pong(1000); }

// Each yield runs the other side up to its own yield: two yields are two switches.
BENCHMARK(yield_to_process) {
  OtherProcess other([] { sys::sched_yield(); });
  return per_operation(k_rounds, [] { sys::sched_yield(); }) / 2;
}

BENCHMARK(yield_to_thread) {
  static auto other = [] { sys::sched_yield(); };
  start_other_thread(other);
  return per_operation(k_rounds, [] { sys::sched_yield(); }) / 2;
}

}  // namespace weft::bench
