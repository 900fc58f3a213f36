// A server with a coroutine for each connection. It reads like the one with threads; but a coroutine that waits costs a small
// stack and no thread, and a worker's own epoll is the loop that the other server had to write by hand.
#include <utility>

#include "userlib/bin/http/coroutine_stream.hh"
#include "userlib/bin/http/server.hh"
#include "userlib/bin/http/shapes/shape.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"

namespace weft::http {
namespace {

constexpr coro::Spawn k_small = {.stack = coro::StackSize::k16};

// Takes connections for ever, within coro::run().
Result<> accept_all(const Setup& setup) {
  // lab:server begin 5
  for (;;) {
    auto connection = setup.listener.accept_in_coroutine();
    if (connection) {
      auto talk = [&service = setup.service, connection = std::move(*connection)] {
        CoroutineStream stream(connection.fd());
        (void)serve(stream, service);
      };
      coro::go(k_small, std::move(talk)).detach();
    } else if (is_short_of_something(connection.error())) {
      rest_in_coroutine();
    } else {
      return fail(connection.error());
    }
  }
  // lab:server stub: static_cast<void>(k_small);
  // lab:server stub: static_cast<void>(setup);
  // lab:server stub: panic("not implemented: lab server, part 5");
  // lab:server end
}

}  // namespace

// With one worker nothing is run at the same time, and nothing needs a lock.
Result<> serve_in_coroutines(const Setup& setup) {
  coro::Options options{.workers = setup.workers};
  if (setup.workers == 1) options.mode = coro::Mode::lone;
  return coro::run(options, [&] { return accept_all(setup); });
}

}  // namespace weft::http
