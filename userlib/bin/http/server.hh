// The server's side of a connection, for whoever may wait: a thread, or a coroutine.
#pragma once

#include "userlib/bin/http/dialogue.hh"
#include "userlib/bin/http/stream.hh"

namespace weft::http {

// Serves a connection to its end. How many requests were answered by the service; an errno when the
// connection broke.
Result<size_t> serve(Stream& stream, Service& service);

}  // namespace weft::http
