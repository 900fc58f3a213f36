#include "userlib/bin/http/head.hh"

#include <algorithm>

namespace weft::http {
namespace {

constexpr unsigned k_bad_request = 400;
constexpr unsigned k_too_many_fields = 431;
constexpr unsigned k_not_implemented = 501;
constexpr unsigned k_version_not_supported = 505;

constexpr std::string_view k_token_marks = "!#$%&'*+-.^_`|~";

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

// What names and methods are made of.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || k_token_marks.contains(c);
  });
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return (c >= ' ' && c != 127) || c == '\t' || c < 0; });
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes the text up to the separator off the front. Without a separator, all of it.
std::string_view take_until(std::string_view& text, std::string_view separator) {
  const size_t at = text.find(separator);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == text.npos ? text.size() : at + separator.size());
  return taken;
}

std::optional<uint64_t> parse_decimal(std::string_view text) {
  constexpr size_t k_digits = 18;  // fits in any case
  if (text.empty() || text.size() > k_digits) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value;
}

// The digit behind "HTTP/1."; an error for other versions, and for what is no version.
Parsed<unsigned> parse_version(std::string_view text) {
  if (text.size() != 8 || !text.starts_with("HTTP/") || text[6] != '.')
    return std::unexpected(k_bad_request);
  const auto major = parse_decimal(text.substr(5, 1));
  const auto minor = parse_decimal(text.substr(7, 1));
  if (!major || !minor) return std::unexpected(k_bad_request);
  if (*major != 1) return std::unexpected(k_version_not_supported);
  return static_cast<unsigned>(*minor);
}

// (Into what the caller has: coroutines with small stacks parse heads.)
Parsed<void> parse_fields(std::string_view text, Fields& fields) {
  while (!text.empty()) {
    const std::string_view line = take_until(text, "\r\n");
    if (line.empty()) return {};
    const size_t colon = line.find(':');
    if (colon == line.npos || !is_token(line.substr(0, colon)) || !is_printable(line))
      return std::unexpected(k_bad_request);
    if (!fields.add({line.substr(0, colon), trimmed(line.substr(colon + 1))}))
      return std::unexpected(k_too_many_fields);
  }
  return std::unexpected(k_bad_request);  // no empty line at the end
}

// What the fields say of the content. Two ways to tell its end are an attack: two readers could
// disagree about where the next message begins.
Parsed<std::optional<Body>> parse_framing(const Fields& fields) {
  const auto coding = fields.find("Transfer-Encoding");
  const auto length = fields.find("Content-Length");
  if (coding && length) return std::unexpected(k_bad_request);
  if (coding) {
    if (!same_word(*coding, "chunked") || fields.count("Transfer-Encoding") != 1)
      return std::unexpected(k_not_implemented);
    return Body{Framing::chunked, 0};
  }
  if (!length) return std::nullopt;
  const auto bytes = parse_decimal(*length);
  if (!bytes || fields.count("Content-Length") != 1) return std::unexpected(k_bad_request);
  return Body{Framing::length, *bytes};
}

bool stays_open(const Fields& fields, unsigned minor_version) {
  if (fields.lists("Connection", "close")) return false;
  return minor_version >= 1 || fields.lists("Connection", "keep-alive");
}

}  // namespace

bool Fields::add(Field field) {
  if (count_ == k_most) return false;
  fields_[count_++] = field;
  return true;
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Field& field : all()) {
    if (same_word(field.name, name)) return field.value;
  }
  return std::nullopt;
}

size_t Fields::count(std::string_view name) const {
  return static_cast<size_t>(std::ranges::count_if(
      all(), [&](const Field& field) { return same_word(field.name, name); }));
}

bool Fields::lists(std::string_view name, std::string_view word) const {
  for (const Field& field : all()) {
    if (!same_word(field.name, name)) continue;
    for (std::string_view list = field.value; !list.empty();) {
      if (same_word(trimmed(take_until(list, ",")), word)) return true;
    }
  }
  return false;
}

std::optional<size_t> head_length(std::string_view text) {
  const size_t end = text.find("\r\n\r\n");
  if (end == text.npos) return std::nullopt;
  return end + 4;
}

Parsed<RequestHead> parse_request(std::string_view head) {
  RequestHead request;
  std::string_view line = take_until(head, "\r\n");
  request.method = take_until(line, " ");
  request.target = take_until(line, " ");
  if (!is_token(request.method) || request.target.empty() || !is_printable(request.target))
    return std::unexpected(k_bad_request);
  const auto version = parse_version(line);
  if (!version) return std::unexpected(version.error());
  const auto parsed = parse_fields(head, request.fields);
  if (!parsed) return std::unexpected(parsed.error());
  const auto body = parse_framing(request.fields);
  if (!body) return std::unexpected(body.error());
  const size_t hosts = request.fields.count("Host");
  if (hosts > 1 || (hosts == 0 && *version >= 1)) return std::unexpected(k_bad_request);
  request.minor_version = *version;
  request.body = body->value_or(Body{});
  request.keep_alive = stays_open(request.fields, *version);
  request.expects_continue = *version >= 1 && request.fields.lists("Expect", "100-continue");
  return request;
}

Parsed<ResponseHead> parse_response(std::string_view head, std::string_view method) {
  ResponseHead response;
  std::string_view line = take_until(head, "\r\n");
  const auto version = parse_version(take_until(line, " "));
  if (!version) return std::unexpected(version.error());
  const std::string_view code = take_until(line, " ");
  const auto status = parse_decimal(code);
  if (!status || code.size() != 3 || *status < 100) return std::unexpected(k_bad_request);
  const auto parsed = parse_fields(head, response.fields);
  if (!parsed) return std::unexpected(parsed.error());
  const auto body = parse_framing(response.fields);
  if (!body) return std::unexpected(body.error());
  response.status = static_cast<unsigned>(*status);
  response.reason = line;
  response.minor_version = *version;
  response.keep_alive = stays_open(response.fields, *version);
  if (method == "HEAD" || *status < 200 || *status == 204 || *status == 304) return response;
  response.body = body->value_or(Body{Framing::until_close, 0});
  if (response.body.framing == Framing::until_close) response.keep_alive = false;
  return response;
}

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

}  // namespace weft::http
