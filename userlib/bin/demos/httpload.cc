// httpload: many HTTP connections at once, over TCP, each between a client and a server that are both
// coroutines; all are open before the first one asks. What to look for: thousands of connections need no more threads than there are workers; and more workers than
// CPUs bring no more requests a second, while more connections only make each of them wait longer.
#include <algorithm>

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/http/client.hh"
#include "userlib/bin/http/coroutine_stream.hh"
#include "userlib/bin/http/server.hh"
#include "userlib/bin/http/tcp.hh"
#include "userlib/bin/options.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/latch.hh"

namespace weft {
namespace {

struct Load {
  unsigned connections = 100;
  unsigned requests = 100;  // on each
  unsigned workers = 0;     // as many as CPUs
  uint16_t port = 0;        // of the server to be asked; 0: one of our own
  String target = "/hello";
};

class Hello final : public http::Service {
 public:
  http::Response answer(const http::RequestHead& head, std::string_view) override {
    if (head.target == "/hello") return {.body = "hello, world\n"};
    return {.status = 404, .body = "not here\n"};
  }
};

void serve_connection(Descriptor connection) {
  http::CoroutineStream stream(connection.get());
  Hello hello;
  (void)http::serve(stream, hello);
}

constexpr coro::Spawn k_small = {.stack = coro::StackSize::k16};

// Closes the listener at its end, so that nobody waits in vain.
void serve_all(Descriptor listener, unsigned connections) {
  for (unsigned i = 0; i < connections; ++i) {
    auto connection = http::accept_from(listener);
    if (!connection) {
      print("the server can't accept: errno {}\n", static_cast<int>(connection.error()));
      return;
    }
    coro::go(k_small, serve_connection, std::move(*connection)).detach();
  }
}

// What one client has seen.
struct Experience {
  unsigned failures = 0;
  Vector<uint64_t> delays;
};

void ask_again_and_again(const Descriptor& connection, const Load& load, Experience& experience) {
  http::CoroutineStream stream(connection.get());
  http::Client client(stream, "weft");
  experience.delays.reserve(load.requests);
  for (unsigned i = 0; i < load.requests; ++i) {
    const Stopwatch watch;
    const auto answer = client.get(load.target.view());
    if (!answer || answer->status != 200) ++experience.failures;
    experience.delays.push_back(watch.elapsed());
  }
}

// A client: connects, and asks when all others have connected, too.
void be_a_client(uint16_t port, const Load& load, coro::latch& all_connected,
                 Experience& experience) {
  const auto connection = http::connect_to(port);
  all_connected.arrive_and_wait();
  if (connection) return ask_again_and_again(*connection, load, experience);
  experience.failures = load.requests;
}

// All clients, and unless there is a server already, that, too.
Vector<Experience> run_connections(const Load& load) {
  Vector<Experience> experiences;
  for (unsigned i = 0; i < load.connections; ++i) experiences.push_back({});
  http::allow_descriptors(2 * load.connections + 64);
  coro::run(coro::Options{.workers = load.workers}, [&] {
    Result<Descriptor> listener = http::listen_at(0);
    const uint16_t port =
        load.port != 0 || !listener ? load.port : http::port_of(*listener).value_or(0);
    coro::handle<void> server;
    if (load.port == 0 && listener)
      server = coro::go(serve_all, std::move(*listener), load.connections);
    coro::latch all_connected(load.connections);
    coro::wait_group clients;
    for (Experience& experience : experiences) {
      clients.add();
      coro::go(k_small, [&] {
        be_a_client(port, load, all_connected, experience);
        clients.done();
      }).detach();
    }
    clients.wait();
    // Fewer may have come than it waits for.
    if (server.joinable()) server.cancel();
    if (server.joinable()) server.join();
  });
  return experiences;
}

int report(const Load& load, const Vector<Experience>& experiences, Nanoseconds elapsed) {
  Vector<uint64_t> delays;
  unsigned failures = 0;
  for (const Experience& experience : experiences) {
    failures += experience.failures;
    for (const uint64_t delay : experience.delays) delays.push_back(delay);
  }
  std::sort(delays.begin(), delays.end());
  const auto share = [&](size_t percent) {
    return delays.empty() ? 0 : delays[(delays.size() - 1) * percent / 100] / k_microsecond;
  };
  print("{} connections at once, {} requests, {} failed\n", load.connections, delays.size(),
        failures);
  print("{} requests a second\n", delays.size() * k_second / std::max<Nanoseconds>(elapsed, 1));
  print("delay: half within {} us, 99 of 100 within {} us, all within {} us\n", share(50),
        share(99), share(100));
  return failures == 0 ? 0 : 1;
}

}  // namespace

int httpload_main(Arguments arguments) {
  Load load;
  OptionParser options(arguments, "c:n:w:p:t:");
  while (const auto option = options.next()) {
    if (option->letter == 't') {
      load.target = option->value;
      continue;
    }
    const auto number = parse_number(option->value);
    if (!number || *number < 1 || *number > 1'000'000)
      return complain(arguments, "a number is wrong");
    if (option->letter == 'p') {
      load.port = static_cast<uint16_t>(*number);
      continue;
    }
    (option->letter == 'c'   ? load.connections
     : option->letter == 'n' ? load.requests
                             : load.workers) = static_cast<unsigned>(*number);
  }
  if (options.wrong()) return 2;
  const Stopwatch watch;
  const Vector<Experience> experiences = run_connections(load);
  return report(load, experiences, watch.elapsed());
}

}  // namespace weft
