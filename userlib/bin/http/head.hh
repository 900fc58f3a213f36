// The heads of HTTP/1.1 messages (RFC 9112): from text to parts, without copying. All parts point into
// the text they were parsed from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace weft::http {

inline constexpr size_t k_largest_head = 8192;

struct Field {
  std::string_view name;
  std::string_view value;
};

class Fields {
 public:
  static constexpr size_t k_most = 64;

  // False when there are too many.
  bool add(Field field);
  std::span<const Field> all() const { return {fields_.data(), count_}; }
  // The value of the first one of that name, whose letters' case does not matter.
  std::optional<std::string_view> find(std::string_view name) const;
  size_t count(std::string_view name) const;
  // Whether a list such as "Connection: keep-alive, upgrade" has that word.
  bool lists(std::string_view name, std::string_view word) const;

 private:
  std::array<Field, k_most> fields_;
  size_t count_ = 0;
};

// How the end of a message's content is told.
enum class Framing { none, length, chunked, until_close };

struct Body {
  Framing framing = Framing::none;
  uint64_t length = 0;  // for Framing::length
};

struct RequestHead {
  std::string_view method;
  std::string_view target;
  unsigned minor_version = 1;  // HTTP/1.0 or 1.1
  Fields fields;
  Body body;
  bool keep_alive = true;         // the client will ask more on this connection
  bool expects_continue = false;  // it waits for "100 Continue" before it sends the content
};

struct ResponseHead {
  unsigned status = 0;
  std::string_view reason;
  unsigned minor_version = 1;
  Fields fields;
  Body body;
  bool keep_alive = true;
};

// Where the head at the beginning of the text ends (behind its empty line); nothing if there is more of
// it to come.
std::optional<size_t> head_length(std::string_view text);

// A head that is wrong is answered with the status that says why: 400, 431, 501, 505.
template <typename T>
using Parsed = std::expected<T, unsigned>;

Parsed<RequestHead> parse_request(std::string_view head);

// A response's framing depends on what was asked for: one to HEAD has no content, whatever it says.
Parsed<ResponseHead> parse_response(std::string_view head, std::string_view method);

// "OK", "Not Found"...
std::string_view reason_of(unsigned status);

}  // namespace weft::http
