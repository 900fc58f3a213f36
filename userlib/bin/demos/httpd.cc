// httpd: a web server whose every connection is a coroutine. What to look for: the code of a connection is a
// plain loop that reads, answers and reads again; thousands of them need no more threads than there are
// workers, because a wait for the other side stops the coroutine alone.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/http/coroutine_stream.hh"
#include "userlib/bin/http/server.hh"
#include "userlib/bin/http/tcp.hh"
#include "userlib/bin/options.hh"
#include "userlib/coro/blocking.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"

namespace weft {
namespace {

// The files below this folder.
class Files final : public http::Service {
 public:
  http::Response answer(const http::RequestHead& head, std::string_view) override {
    if (head.method != "GET") return {.status = 501, .body = "only GET\n"};
    const std::string_view target = head.target;
    if (!target.starts_with('/') || target.contains("..")) return not_here();
    const String path = String(".") + String(target == "/" ? "/index.html" : target);
    // A file may be on something slow.
    auto text = coro::blocking([&] { return read_file(path.c_str()); });
    if (!text) return not_here();
    return {.type = target.ends_with(".html") || target == "/" ? "text/html" : "text/plain",
            .body = std::move(*text)};
  }

 private:
  static http::Response not_here() { return {.status = 404, .body = "not here\n"}; }
};

void serve(Descriptor connection) {
  http::CoroutineStream stream(connection.get());
  Files files;
  (void)http::serve(stream, files);
}

// As many connections as are wanted, 0: for ever.
Result<> serve_all(const Descriptor& listener, unsigned wanted) {
  for (unsigned served = 0; wanted == 0 || served < wanted; ++served) {
    Descriptor connection = TRY(http::accept_from(listener));
    coro::go(serve, std::move(connection)).detach();
  }
  return {};
}

}  // namespace

int httpd_main(Arguments arguments) {
  uint16_t port = 8080;
  unsigned connections = 0;
  OptionParser options(arguments, "p:n:");
  while (const auto option = options.next()) {
    const auto number = parse_number(option->value);
    if (!number || *number < 0 || *number > 65'535) return complain(arguments, "a number is wrong");
    if (option->letter == 'p') {
      port = static_cast<uint16_t>(*number);
    } else {
      connections = static_cast<unsigned>(*number);
    }
  }
  if (options.wrong()) return 2;
  http::allow_descriptors(16'384);
  const auto how = coro::run([&]() -> Result<> {
    const Descriptor listener = TRY(http::listen_at(port));
    print("listening at port {}\n", TRY(http::port_of(listener)));
    out.flush();
    return serve_all(listener, connections);
  });
  return how ? 0 : complain(arguments, "the port", how.error());
}

}  // namespace weft
