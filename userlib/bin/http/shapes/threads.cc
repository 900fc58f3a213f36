// A server with a thread for each connection. The code of a connection is as plain as with processes, and what they share
// is simply there; so are the data races, and a crash in one is the end of all.
#include <utility>

#include "userlib/bin/http/server.hh"
#include "userlib/bin/http/shapes/shape.hh"
#include "userlib/thread/thread.hh"

namespace weft::http {
namespace {

// A connection needs little of its stack. Nobody waits for these threads when the program ends.
constexpr thread_options k_for_a_connection = {
    .stack_size = 64 * 1024, .name = "connection", .daemon = true};

}  // namespace

Result<> serve_in_threads(const Setup& setup) {
  // lab:server begin 2
  for (;;) {
    auto connection = setup.listener.accept();
    if (!connection) {
      if (!is_short_of_something(connection.error())) return fail(connection.error());
      rest();
      continue;
    }
    auto talk = [&service = setup.service, connection = std::move(*connection)] {
      BlockingStream stream(connection.fd());
      (void)serve(stream, service);
    };
    auto started = thread::start(k_for_a_connection, std::move(talk));
    if (started) started->detach();  // else the client hears that nobody has time: it is hung up
  }
  // lab:server stub: static_cast<void>(k_for_a_connection);
  // lab:server stub: panic("not implemented: lab server, part 2");
  // lab:server end
}

}  // namespace weft::http
