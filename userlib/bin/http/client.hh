// The client's side of a connection: asks, and takes the answer.
#pragma once

#include <string_view>

#include "userlib/base/string.hh"
#include "userlib/bin/http/head.hh"
#include "userlib/bin/http/stream.hh"

namespace weft::http {

struct Answer {
  unsigned status = 0;
  String body;
  bool keep_alive = false;  // more may be asked on this connection
};

class Client {
 public:
  Client(Stream& stream, std::string_view host) : stream_(stream), input_(stream), host_(host) {}

  // Errno::io when what comes is no HTTP, Errno::connreset when it ends too early.
  Result<Answer> ask(std::string_view method, std::string_view target, std::string_view body = {});
  Result<Answer> get(std::string_view target) { return ask("GET", target); }

 private:
  Result<String> read_head();
  Result<String> read_body(Body body);

  Stream& stream_;
  Input input_;
  std::string_view host_;
};

}  // namespace weft::http
