// BodyDecoder: the content of an HTTP/1.1 message, piece by piece, out of the bytes as they come in.
#pragma once

#include <cstdint>
#include <string_view>

#include "userlib/bin/http/head.hh"

namespace weft::http {

class BodyDecoder {
 public:
  explicit BodyDecoder(Body body);

  // What the front of the input is: so many bytes are used up, and those of `content` among them are
  // the message's. Nothing used up and not done: more must come in.
  struct Piece {
    size_t used = 0;
    std::string_view content;
  };
  Piece next(std::string_view input);

  // The message is at its end; what follows in the input is the next one.
  bool done() const { return state_ == State::done; }
  // It is no HTTP. The connection is of no more use.
  bool malformed() const { return state_ == State::malformed; }
  // The connection has ended: is that the message's end, too?
  bool ends_with_connection() const { return framing_ == Framing::until_close || done(); }

 private:
  enum class State { content, chunk_size, chunk_end, trailer, done, malformed };

  Piece take_content(std::string_view input);
  Piece take_line(std::string_view input);
  void start_chunk(std::string_view size);

  Framing framing_;
  State state_;
  uint64_t left_ = 0;  // of the content, or of the chunk
};

}  // namespace weft::http
