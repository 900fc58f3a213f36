// Run:      httpget -p 8080 /index.html
// Look for: what the server of that port answers; the exit status says whether it was there.
// Why:      the client is the same code as httpload's, and waits like every coroutine.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/http/client.hh"
#include "userlib/bin/http/coroutine_stream.hh"
#include "userlib/bin/http/tcp.hh"
#include "userlib/bin/options.hh"
#include "userlib/coro/scheduler.hh"

namespace weft {
namespace {

Result<http::Answer> get(uint16_t port, std::string_view target) {
  const auto connection = TRY(http::connect_to(port));
  http::CoroutineStream stream(connection.fd());
  return http::Client(stream, "localhost").get(target);
}

}  // namespace

int httpget_main(Arguments arguments) {
  uint16_t port = 8080;
  OptionParser options(arguments, "p:");
  while (const auto option = options.next()) {
    const auto number = parse_number(option->value);
    if (!number || *number < 1 || *number > 65'535) return complain(arguments, "a number is wrong");
    port = static_cast<uint16_t>(*number);
  }
  if (options.wrong() || options.rest().size() != 1) return 2;
  const std::string_view target = options.rest()[0];
  const auto answer =
      coro::run(coro::Options{.mode = coro::Mode::lone}, [&] { return get(port, target); });
  if (!answer) return complain(arguments, target, answer.error());
  print("{}", answer->body.view());
  return answer->status == 200 ? 0 : 1;
}

}  // namespace weft
