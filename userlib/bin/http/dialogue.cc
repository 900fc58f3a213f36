#include "userlib/bin/http/dialogue.hh"

#include "core/base/assert.hh"

namespace weft::http {
namespace {

constexpr unsigned k_bad_request = 400;
constexpr unsigned k_content_too_large = 413;
constexpr unsigned k_head_too_large = 431;
constexpr size_t k_piece = 4096;

}  // namespace

Dialogue::Wants Dialogue::wants() const {
  if (!output().empty()) return Wants::output;
  return over_ ? Wants::nothing : Wants::input;
}

std::span<char> Dialogue::room() {
  input_.erase(0, used_);
  filled_ -= used_;
  used_ = 0;
  input_.resize(filled_ + k_piece);
  return {input_.data() + filled_, k_piece};
}

void Dialogue::came_in(size_t count) {
  ASSERT(filled_ + count <= input_.size(), "what comes in was read into the room for it");
  filled_ += count;
  if (count == 0) ended_ = true;
  advance();
}

void Dialogue::went_out(size_t count) {
  ASSERT(count <= output().size(), "nothing goes out but the output");
  sent_ += count;
  if (!output().empty()) return;
  output_.clear();
  sent_ = 0;
  advance();
}

// As far as it goes without anything that has to come in, or to go out, first.
void Dialogue::advance() {
  while (!over_ && output_.empty() && (request_ ? take_body() : take_head())) {
  }
}

// The next request's head. False when there is more of it to come, or no next one.
bool Dialogue::take_head() {
  while (input().starts_with("\r\n")) used_ += 2;  // some clients end a body with it
  const auto length = head_length(input());
  if (length.value_or(input().size()) > k_largest_head) return refuse(k_head_too_large);
  if (!length) {
    if (!ended_) return false;
    if (!input().empty()) return refuse(k_bad_request);
    over_ = true;
    return false;
  }
  Request& request = request_.emplace(input().substr(0, *length));
  used_ += *length;
  const auto head = parse_request(request.text);
  if (!head) return refuse(head.error());
  if (head->body.length > k_largest_body) return refuse(k_content_too_large);
  request.head = *head;
  request.decoder = BodyDecoder(head->body);
  if (head->expects_continue && input().empty()) output_ = "HTTP/1.1 100 Continue\r\n\r\n";
  return true;
}

// The request's content, and then the answer. False when there is more of it to come.
bool Dialogue::take_body() {
  Request& request = *request_;
  while (!request.decoder.done()) {
    const auto piece = request.decoder.next(input());
    request.content += piece.content;
    used_ += piece.used;
    if (request.content.size() > k_largest_body) return refuse(k_content_too_large);
    if (request.decoder.malformed()) return refuse(k_bad_request);
    if (piece.used > 0 || request.decoder.done()) continue;
    return ended_ ? refuse(k_bad_request) : false;
  }
  const Response response = service_.answer(request.head, request.content);
  ++answered_;
  say(response, request.head.method != "HEAD", request.head.keep_alive);
  request_.reset();
  return true;
}

// The last thing that a client hears on this connection.
bool Dialogue::refuse(unsigned status) {
  say({.status = status, .body = String(reason_of(status))}, true, false);
  return false;
}

void Dialogue::say(const Response& response, bool with_body, bool keep_alive) {
  output_ = format_string("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n",
                          response.status, reason_of(response.status), response.type,
                          response.body.size(), keep_alive ? "" : "Connection: close\r\n");
  if (with_body) output_ += response.body;
  over_ = !keep_alive;
}

}  // namespace weft::http
