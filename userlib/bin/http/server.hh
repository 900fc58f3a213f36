// The server's side of a connection: one request after the other, as long as the client keeps it open. It
// is one function that reads from top to bottom; processes, threads and coroutines can all run it.
#pragma once

#include <string_view>

#include "userlib/base/string.hh"
#include "userlib/bin/http/head.hh"
#include "userlib/bin/http/stream.hh"

namespace weft::http {

struct Response {
  unsigned status = 200;
  std::string_view type = "text/plain";
  String body;
};

// What the server is there for.
class Service {
 public:
  // The head and the body hold until it has answered.
  virtual Response answer(const RequestHead& head, std::string_view body) = 0;

 protected:
  ~Service() = default;
};

inline constexpr size_t k_largest_body = 1 << 20;

// Serves a connection to its end. How many requests were answered by the service; an errno when the
// connection broke. What is no HTTP is answered with the status that says so, and ends the connection.
Result<size_t> serve(Stream& stream, Service& service);

}  // namespace weft::http
