#include "userlib/bin/http/body.hh"

#include <algorithm>

namespace weft::http {
namespace {

constexpr size_t k_longest_line = 1024;  // of a chunk's size, or of a trailer

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

BodyDecoder::BodyDecoder(Body body) : framing_(body.framing), state_(State::content) {
  switch (framing_) {
    case Framing::none: state_ = State::done; break;
    case Framing::chunked: state_ = State::chunk_size; break;
    case Framing::until_close: left_ = UINT64_MAX; break;
    case Framing::length:
      left_ = body.length;
      if (left_ == 0) state_ = State::done;
      break;
  }
}

BodyDecoder::Piece BodyDecoder::next(std::string_view input) {
  if (done() || malformed() || input.empty()) return {};
  return state_ == State::content ? take_content(input) : take_line(input);
}

BodyDecoder::Piece BodyDecoder::take_content(std::string_view input) {
  const auto count = static_cast<size_t>(std::min<uint64_t>(left_, input.size()));
  if (framing_ != Framing::until_close) left_ -= count;
  if (left_ == 0) state_ = framing_ == Framing::chunked ? State::chunk_end : State::done;
  return {count, input.substr(0, count)};
}

// The lines around the chunks: sizes, the empty line behind each chunk, and trailers, which nobody here
// wants.
BodyDecoder::Piece BodyDecoder::take_line(std::string_view input) {
  const size_t end = input.find("\r\n");
  if (end == input.npos || end > k_longest_line) {
    if (input.size() > k_longest_line) state_ = State::malformed;
    return {};
  }
  const std::string_view line = input.substr(0, end);
  if (state_ == State::chunk_size) {
    start_chunk(line);
  } else if (state_ == State::chunk_end) {
    state_ = line.empty() ? State::chunk_size : State::malformed;
  } else if (line.empty()) {
    state_ = State::done;
  }
  return {end + 2, {}};
}

void BodyDecoder::start_chunk(std::string_view size) {
  constexpr size_t k_digits = 15;
  size = size.substr(0, size.find_first_of("; \t"));  // extensions are allowed, and ignored
  state_ = State::malformed;
  if (size.empty() || size.size() > k_digits) return;
  uint64_t length = 0;
  for (const char c : size) {
    const int digit = hex_digit(c);
    if (digit < 0) return;
    length = length * 16 + static_cast<uint64_t>(digit);
  }
  left_ = length;
  state_ = length == 0 ? State::trailer : State::content;
}

}  // namespace weft::http
