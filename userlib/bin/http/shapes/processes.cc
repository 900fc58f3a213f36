// A server of processes made in advance ("pre-forked"). Each takes a connection from the listener that all have inherited,
// serves it to its end, and takes the next. Nothing is shared, so nothing has to be locked, and a worker
// that crashes takes its own connection along and no other; the parent makes a new one.
#include "userlib/bin/http/server.hh"
#include "userlib/bin/http/shapes/children.hh"
#include "userlib/bin/http/shapes/shape.hh"

namespace weft::http {
namespace {

// A worker's life. It ends with an error only, which is its exit status.
int work(const Setup& setup) {
  // lab:server begin 1
  for (;;) {
    const auto connection = setup.listener.accept();
    if (connection) {
      BlockingStream stream(connection->fd());
      (void)serve(stream, setup.service);  // that a connection breaks is the client's business
    } else if (is_short_of_something(connection.error())) {
      rest();
    } else {
      return static_cast<int>(connection.error());
    }
  }
  // lab:server stub: panic("not implemented: lab server, part 1");
  // lab:server end
}

}  // namespace

// Comes back when a worker has ended by itself, since the next one would fare no better.
Result<> serve_in_processes(const Setup& setup) {
  // lab:server begin 1
  const auto start = [&] { return start_child([&] { return work(setup); }); };
  for (unsigned i = 0; i < setup.workers; ++i) TRY(start());
  for (;;) {
    const exit_status status = TRY(wait_for_child());
    if (status.exited()) return fail(static_cast<Errno>(status.code()));
    TRY(start());
  }
  // lab:server stub: panic("not implemented: lab server, part 1");
  // lab:server end
}

}  // namespace weft::http
