// Run:      httpd -p 8080 -s coroutines &      then httpget /FILE, or httpload -p 8080 -t /FILE
// Look for: the same answers, whether processes, threads, a loop or coroutines give them.
// Why:      what a server says and how it waits are two things: http/dialogue.hh and http/shapes/.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/http/shapes/shape.hh"
#include "userlib/bin/options.hh"
#include "userlib/coro/blocking.hh"

namespace weft {
namespace {

// The files below this folder.
class Files final : public http::Service {
 public:
  explicit Files(bool may_crash) : may_crash_(may_crash) {}

  http::Response answer(const http::RequestHead& head, std::string_view) override {
    if (head.method != "GET") return {.status = 501, .body = "only GET\n"};
    const std::string_view target = head.target;
    if (target == "/crash" && may_crash_) __builtin_trap();
    if (!target.starts_with('/') || target.contains("..")) return not_here();
    const String path = String(".") + String(target == "/" ? "/index.html" : target);
    // A file may be on something slow. (Who is no coroutine reads it here and now.)
    auto text = coro::blocking([&] { return read_file(path.c_str()); });
    if (!text) return not_here();
    return {.type = target.ends_with(".html") || target == "/" ? "text/html" : "text/plain",
            .body = std::move(*text)};
  }

 private:
  static http::Response not_here() { return {.status = 404, .body = "not here\n"}; }

  bool may_crash_;
};

Result<> listen_and_serve(const http::Shape& shape, uint16_t port, unsigned workers, bool crash) {
  const auto listener = TRY(http::Listener::at(port));
  print("listening at port {}\n", TRY(listener.port()));
  out.flush();
  Files files(crash);
  return shape.serve({listener, files, workers});
}

}  // namespace

int httpd_main(Arguments arguments) {
  uint16_t port = 8080;
  unsigned workers = 4;
  bool may_crash = false;
  auto shape = http::find_shape("coroutines");
  OptionParser options(arguments, "p:s:w:x");
  while (const auto option = options.next()) {
    if (option->letter == 'x') {
      may_crash = true;
    } else if (option->letter == 's') {
      shape = http::find_shape(option->value);
      if (!shape) return complain(arguments, "processes, threads, loop or coroutines");
    } else {
      const auto number = parse_number(option->value);
      const bool is_port = option->letter == 'p';
      if (!number || *number < (is_port ? 0 : 1) || *number > (is_port ? 65'535 : 64))
        return complain(arguments, "a number is wrong");
      if (is_port) {
        port = static_cast<uint16_t>(*number);
      } else {
        workers = static_cast<unsigned>(*number);
      }
    }
  }
  if (options.wrong()) return 2;
  http::allow_descriptors(16'384);
  const auto how = listen_and_serve(*shape, port, workers, may_crash);
  return how ? 0 : complain(arguments, "the port", how.error());
}

}  // namespace weft
