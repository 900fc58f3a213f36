// Run:      httpload -c 1000      httpload -p 8080 -t /index.html
// Look for: thousands of connections, all open before the first one asks; more of them only make each wait longer.
// Why:      a connection is a coroutine here, on both sides, and needs no thread of its own.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/http/coroutine_stream.hh"
#include "userlib/bin/http/load.hh"
#include "userlib/bin/http/server.hh"
#include "userlib/bin/http/tcp.hh"
#include "userlib/bin/options.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"

namespace weft {
namespace {

class Hello final : public http::Service {
 public:
  http::Response answer(const http::RequestHead& head, std::string_view) override {
    if (head.target == "/hello") return {.body = "hello, world\n"};
    return {.status = 404, .body = "not here\n"};
  }
};

constexpr coro::Spawn k_small = {.stack = coro::StackSize::k16};

// A server for so many connections.
void serve_all(http::Listener listener, unsigned connections) {
  for (unsigned i = 0; i < connections; ++i) {
    auto connection = listener.accept_in_coroutine();
    if (!connection) {
      print("the server can't accept: errno {}\n", static_cast<int>(connection.error()));
      return;
    }
    coro::go(k_small, [connection = std::move(*connection)] {
      http::CoroutineStream stream(connection.fd());
      Hello hello;
      (void)http::serve(stream, hello);
    }).detach();
  }
}

// Asks a server of our own, of the same runtime.
Result<http::LoadFigures> ask_ourselves(http::Load load) {
  auto listener = TRY(http::Listener::at(0));
  load.port = TRY(listener.port());
  auto server = coro::go(serve_all, std::move(listener), load.connections);
  auto figures = http::put_load(load);
  server.cancel();  // fewer may have come than it waits for
  server.join();
  return figures;
}

int report(const http::Load& load, const http::LoadFigures& figures) {
  print("{} connections at once, {} requests, {} failed\n", load.connections, figures.delays.size(),
        figures.failures);
  print("{} requests a second\n", figures.requests_a_second());
  print("delay: half within {} us, 99 of 100 within {} us, all within {} us\n",
        figures.within(50) / k_microsecond, figures.within(99) / k_microsecond,
        figures.within(100) / k_microsecond);
  return figures.failures == 0 ? 0 : 1;
}

}  // namespace

int httpload_main(Arguments arguments) {
  http::Load load;
  unsigned workers = 0;  // as many as CPUs
  OptionParser options(arguments, "c:n:w:p:t:");
  while (const auto option = options.next()) {
    if (option->letter == 't') {
      load.target = option->value;
      continue;
    }
    const auto number = parse_number(option->value);
    const int64_t most = option->letter == 'p' ? 65'535 : 1'000'000;
    if (!number || *number < 1 || *number > most) return complain(arguments, "a number is wrong");
    if (option->letter == 'p') {
      load.port = static_cast<uint16_t>(*number);
    } else {
      (option->letter == 'c'   ? load.connections
       : option->letter == 'n' ? load.requests
                               : workers) = static_cast<unsigned>(*number);
    }
  }
  if (options.wrong()) return 2;
  http::allow_descriptors(2 * load.connections + 64);
  const auto figures =
      coro::run(coro::Options{.workers = workers}, [&]() -> Result<http::LoadFigures> {
        return load.port == 0 ? ask_ourselves(load) : http::put_load(load);
      });
  return figures ? report(load, *figures) : complain(arguments, "the server", figures.error());
}

}  // namespace weft
