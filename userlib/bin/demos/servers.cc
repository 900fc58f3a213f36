// Run:      servers [-c CONNECTIONS] [-n REQUESTS] [--csv]
// Look for: which shape answers most, which needs the least memory, and whom a request that crashes takes along.
// Why:      processes share nothing, so a crash stays in one; what they don't share, each has to have.
#include <algorithm>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/bin/http/client.hh"
#include "userlib/bin/http/coroutine_stream.hh"
#include "userlib/bin/http/load.hh"
#include "userlib/bin/http/shapes/shape.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/system/processes.hh"
#include "userlib/coro/blocking.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/process/process.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace {

constexpr unsigned k_workers = 4;

class Hello final : public http::Service {
 public:
  http::Response answer(const http::RequestHead& head, std::string_view) override {
    if (head.target == "/crash") __builtin_trap();
    return {.body = "hello, world\n"};
  }
};

// A server in a process group of its own, which is stopped with this object.
class Server {
 public:
  static Result<Server> start(const http::Shape& shape) {
    const auto listener = TRY(http::Listener::at(0));
    const uint16_t port = TRY(listener.port());
    auto child = TRY(process::run([&] {
      (void)sys::setpgid(0, 0);
      Hello hello;
      return shape.serve({listener, hello, k_workers}) ? 0 : 1;
    }));
    // The child says so, too: whoever comes first.
    (void)sys::setpgid(child.get_id(), child.get_id());
    return Server(std::move(child), port);
  }
  Server(Server&&) = default;
  Server& operator=(Server&&) = delete;
  ~Server() {
    if (!child_.joinable()) return;
    (void)sys::kill(-child_.get_id(), abi::k_sigkill);
    (void)child_.wait();
  }

  uint16_t port() const { return port_; }
  // What its processes have in memory. A page that they share counts for each.
  uint64_t memory() const {
    uint64_t sum = 0;
    for (const ProcessInfo& each : all_processes()) {
      if (each.group == child_.get_id()) sum += each.resident;
    }
    return sum;
  }

 private:
  Server(process child, uint16_t port) : child_(std::move(child)), port_(port) {}

  process child_;
  uint16_t port_;
};

struct Measured {
  http::LoadFigures load;
  uint64_t memory = 0;  // the most that was seen
  unsigned bystanders = 0;
  unsigned lost = 0;  // of the bystanders, by the crash
  bool goes_on = false;
};

// Looks at the server's memory now and then while it works.
http::LoadFigures measure_load(const Server& server, const http::Load& load, uint64_t& memory) {
  auto observer = coro::go([&] {
    do {
      memory = std::max(memory, coro::blocking([&] { return server.memory(); }));
    } while (coro::sleep_for(50 * k_millisecond) != coro::Wake::cancelled);
  });
  auto figures = http::put_load(load);
  observer.cancel();
  observer.join();
  return figures;
}

bool is_answered(http::Client& client) {
  const auto answer = client.get("/hello");
  return answer && answer->status == 200;
}

struct Visitor {
  explicit Visitor(http::Connection made)
      : connection(std::move(made)), stream(connection.fd()), client(stream, "weft") {}
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  http::Connection connection;
  http::CoroutineStream stream;
  http::Client client;
};

// Some clients are served; one of them sends what the server crashes at. Who is served afterwards?
Result<> crash(const Server& server, Measured& measured) {
  Visitor unlucky(TRY(http::connect_to(server.port())));
  Visitor others[] = {Visitor(TRY(http::connect_to(server.port()))),
                      Visitor(TRY(http::connect_to(server.port()))),
                      Visitor(TRY(http::connect_to(server.port())))};
  (void)is_answered(unlucky.client);
  for (Visitor& each : others) measured.bystanders += is_answered(each.client);
  (void)unlucky.client.get("/crash");
  for (Visitor& each : others) measured.lost += !is_answered(each.client);
  const auto connection = http::connect_to(server.port());
  if (!connection) return {};
  http::CoroutineStream stream(connection->fd());
  http::Client client(stream, "weft");
  measured.goes_on = is_answered(client);
  return {};
}

Result<Measured> measure(const http::Shape& shape, http::Load load) {
  const Server server = TRY(Server::start(shape));
  load.port = server.port();
  return coro::run([&]() -> Result<Measured> {
    Measured measured;
    measured.load = measure_load(server, load, measured.memory);
    TRY(crash(server, measured));
    return measured;
  });
}

void show(std::string_view shape, const Measured& measured, bool as_values) {
  const auto microseconds = [&](unsigned percent) {
    return measured.load.within(percent) / k_microsecond;
  };
  print(as_values ? "{},{},{},{},{},{},{},{},{}\n"
                  : "{:<11}{:9}{:8}{:9} us{:7} us{:8} KiB{:6} of {} others, {}\n",
        shape, measured.load.requests_a_second(), measured.load.failures, microseconds(50),
        microseconds(99), measured.memory / 1024, measured.lost, measured.bystanders,
        as_values ? (measured.goes_on ? "1" : "0") : (measured.goes_on ? "serves on" : "is gone"));
  out.flush();
}

}  // namespace

int servers_main(Arguments arguments) {
  http::Load load{.connections = 32, .requests = 50};
  const bool as_values = Table::wants_csv(arguments);  // said last, as of all demos
  OptionParser options(as_values ? arguments.first(arguments.size() - 1) : arguments, "c:n:");
  while (const auto option = options.next()) {
    const auto number = parse_number(option->value);
    if (!number || *number < 1 || *number > 100'000)
      return complain(arguments, "a number is wrong");
    (option->letter == 'c' ? load.connections : load.requests) = static_cast<unsigned>(*number);
  }
  if (options.wrong()) return 2;
  http::allow_descriptors(load.connections + 64);
  print("{}", as_values
                  ? "shape,answers a second,failed,half within us,99 of 100 within us,memory KiB,"
                    "lost by a crash,of others,serves on\n"
                  : "shape      answers/s  failed  half within  99 of 100     memory  a crash "
                    "takes along\n");
  out.flush();
  int status = 0;
  for (const http::Shape& shape : http::all_shapes()) {
    const auto measured = measure(shape, load);
    if (!measured) return complain(arguments, shape.name, measured.error());
    if (measured->load.failures > 0) status = 1;
    show(shape.name, *measured, as_values);
  }
  return status;
}

}  // namespace weft
