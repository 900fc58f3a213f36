#include "userlib/bin/http/server.hh"

#include "userlib/bin/http/body.hh"

namespace weft::http {
namespace {

constexpr unsigned k_bad_request = 400;
constexpr unsigned k_content_too_large = 413;
constexpr unsigned k_head_too_large = 431;

Result<> send(Stream& stream, const Response& response, bool with_body, bool keep_alive) {
  String text = format_string("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n",
                              response.status, reason_of(response.status), response.type,
                              response.body.size(), keep_alive ? "" : "Connection: close\r\n");
  if (with_body) text += response.body;
  return stream.write_all(text);
}

// The last thing that a client hears on this connection.
Result<bool> refuse(Stream& stream, unsigned status) {
  TRY(send(stream, {.status = status, .body = String(reason_of(status))}, true, false));
  return false;
}

// Takes a head off the input. An empty text when there is none any more.
Parsed<Result<String>> read_head(Input& input) {
  for (;;) {
    while (input.text().starts_with("\r\n")) input.use(2);  // some clients end a body with it
    if (const auto length = head_length(input.text())) {
      if (*length > k_largest_head) return std::unexpected(k_head_too_large);
      return input.take(*length);
    }
    if (input.text().size() > k_largest_head) return std::unexpected(k_head_too_large);
    const auto more = input.fill();
    if (!more) return Result<String>(fail(more.error()));
    if (!*more && input.text().empty()) return Result<String>(String());
    if (!*more) return std::unexpected(k_bad_request);
  }
}

// Takes a request's content off the input.
Parsed<Result<String>> read_body(Input& input, Body body) {
  String content;
  BodyDecoder decoder(body);
  while (!decoder.done()) {
    const auto piece = decoder.next(input.text());
    content += piece.content;
    input.use(piece.used);
    if (content.size() > k_largest_body) return std::unexpected(k_content_too_large);
    if (decoder.malformed()) return std::unexpected(k_bad_request);
    if (piece.used > 0 || decoder.done()) continue;
    const auto more = input.fill();
    if (!more) return Result<String>(fail(more.error()));
    if (!*more) return std::unexpected(k_bad_request);
  }
  return content;
}

// Serves one request. False: the connection is at its end.
Result<bool> serve_one(Input& input, Stream& stream, Service& service, size_t& answered) {
  auto head_text = read_head(input);
  if (!head_text) return refuse(stream, head_text.error());
  const String text = TRY(*head_text);
  if (text.empty()) return false;
  const auto head = parse_request(text);
  if (!head) return refuse(stream, head.error());
  if (head->body.length > k_largest_body) return refuse(stream, k_content_too_large);
  if (head->expects_continue && input.text().empty())
    TRY(stream.write_all("HTTP/1.1 100 Continue\r\n\r\n"));
  auto content = read_body(input, head->body);
  if (!content) return refuse(stream, content.error());
  const String body = TRY(*content);
  const Response response = service.answer(*head, body);
  ++answered;
  TRY(send(stream, response, head->method != "HEAD", head->keep_alive));
  return head->keep_alive;
}

}  // namespace

Result<size_t> serve(Stream& stream, Service& service) {
  Input input(stream);
  size_t answered = 0;
  while (TRY(serve_one(input, stream, service, answered))) {
  }
  return answered;
}

}  // namespace weft::http
