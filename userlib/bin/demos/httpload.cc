// httpload: many HTTP connections at once, each between a client and a server that are both coroutines. What
// to look for: thousands of connections need no more threads than there are workers; and more workers than
// CPUs bring no more requests a second, while more connections only make each of them wait longer.
#include <algorithm>

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/http/client.hh"
#include "userlib/bin/http/coroutine_stream.hh"
#include "userlib/bin/http/server.hh"
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
};

class Hello final : public http::Service {
 public:
  http::Response answer(const http::RequestHead& head, std::string_view) override {
    if (head.target == "/hello") return {.body = "hello, world\n"};
    return {.status = 404, .body = "not here\n"};
  }
};

void serve_connection(int fd) {
  const Descriptor closed_at_end(fd);
  http::CoroutineStream stream(fd);
  Hello hello;
  (void)http::serve(stream, hello);
}

// What one client has seen.
struct Experience {
  unsigned failures = 0;
  Vector<uint64_t> delays;
};

void ask_again_and_again(int fd, unsigned requests, Experience& experience) {
  const Descriptor closed_at_end(fd);
  http::CoroutineStream stream(fd);
  http::Client client(stream, "weft");
  experience.delays.reserve(requests);
  for (unsigned i = 0; i < requests; ++i) {
    const Stopwatch watch;
    const auto answer = client.get("/hello");
    if (!answer || answer->status != 200 || answer->body != "hello, world\n") ++experience.failures;
    experience.delays.push_back(watch.elapsed());
  }
}

// Both ends of all connections, and all who sit there. Fewer connections if there are not so many
// descriptors to be had.
Vector<Experience> run_connections(const Load& load) {
  Vector<Experience> experiences;
  for (unsigned i = 0; i < load.connections; ++i) experiences.push_back({});
  coro::run(coro::Options{.workers = load.workers}, [&] {
    coro::wait_group clients;
    for (Experience& experience : experiences) {
      int ends[2];
      if (!sys::socketpair(abi::k_af_unix, abi::k_sock_stream | abi::k_sock_nonblock, 0, ends)) {
        experience.failures = load.requests;
        continue;
      }
      coro::go(serve_connection, ends[0]).detach();
      clients.add();
      coro::go([&, fd = ends[1]] {
        ask_again_and_again(fd, load.requests, experience);
        clients.done();
      }).detach();
    }
    clients.wait();
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
  print("{} connections, {} requests, {} failed\n", load.connections, delays.size(), failures);
  print("{} requests a second\n", delays.size() * k_second / std::max<Nanoseconds>(elapsed, 1));
  print("delay: half within {} us, 99 of 100 within {} us, all within {} us\n", share(50),
        share(99), share(100));
  return failures == 0 ? 0 : 1;
}

}  // namespace

int httpload_main(Arguments arguments) {
  Load load;
  OptionParser options(arguments, "c:n:w:");
  while (const auto option = options.next()) {
    const auto number = parse_number(option->value);
    if (!number || *number < 1 || *number > 1'000'000)
      return complain(arguments, "a number is wrong");
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
