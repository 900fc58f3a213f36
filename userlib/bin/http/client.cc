#include "userlib/bin/http/client.hh"

#include "userlib/bin/http/body.hh"

namespace weft::http {

Result<Answer> Client::ask(std::string_view method, std::string_view target,
                           std::string_view body) {
  String request = format_string("{} {} HTTP/1.1\r\nHost: {}\r\n", method, target, host_);
  if (!body.empty()) request += format_string("Content-Length: {}\r\n", body.size());
  request += "\r\n";
  request += body;
  TRY(stream_.write_all(request));
  for (;;) {
    const String text = TRY(read_head());
    const auto head = parse_response(text, method);
    if (!head) return fail(Errno::io);
    if (head->status < 200)
      continue;  // "continue", and the like: the answer itself is still to come
    return Answer{head->status, TRY(read_body(head->body)), head->keep_alive};
  }
}

Result<String> Client::read_head() {
  for (;;) {
    if (const auto length = head_length(input_.text())) return input_.take(*length);
    if (input_.text().size() > k_largest_head) return fail(Errno::io);
    if (!TRY(input_.fill())) return fail(Errno::connreset);
  }
}

Result<String> Client::read_body(Body body) {
  String content;
  BodyDecoder decoder(body);
  while (!decoder.done()) {
    const auto piece = decoder.next(input_.text());
    content += piece.content;
    input_.use(piece.used);
    if (decoder.malformed()) return fail(Errno::io);
    if (piece.used > 0 || decoder.done()) continue;
    if (TRY(input_.fill())) continue;
    if (decoder.ends_with_connection()) break;
    return fail(Errno::connreset);
  }
  return content;
}

}  // namespace weft::http
