#include "userlib/bin/sh/scan.hh"

#include "userlib/bin/sh/parser.hh"

namespace weft::sh {
namespace {

// The end of $((...)), or k_unfinished if the text ends first or it isn't one after all.
size_t end_of_arithmetic(std::string_view text, size_t at) {
  unsigned depth = 0;
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] != ')') continue;
    --depth;
    if (depth == 1) return i + 1 < text.size() && text[i + 1] == ')' ? i + 2 : k_unfinished;
  }
  return k_unfinished;
}

size_t end_of_braces(std::string_view text, size_t at) {
  for (size_t i = at + 2; i < text.size();) {
    size_t next = i + 1;
    switch (text[i]) {
      case '}': return next;
      case '\\': next = i + 2; break;
      case '\'': next = end_of_single_quotes(text, i); break;
      case '"': next = end_of_double_quotes(text, i); break;
      case '`': next = end_of_backquotes(text, i); break;
      case '$': next = end_of_dollar(text, i); break;
      default: break;
    }
    if (next == k_unfinished) return k_unfinished;
    i = next;
  }
  return k_unfinished;
}

}  // namespace

size_t end_of_single_quotes(std::string_view text, size_t at) {
  const size_t end = text.find('\'', at + 1);
  return end == std::string_view::npos ? k_unfinished : end + 1;
}

size_t end_of_double_quotes(std::string_view text, size_t at) {
  for (size_t i = at + 1; i < text.size();) {
    size_t next = i + 1;
    switch (text[i]) {
      case '"': return next;
      case '\\': next = i + 2; break;
      case '`': next = end_of_backquotes(text, i); break;
      case '$': next = end_of_dollar(text, i); break;
      default: break;
    }
    if (next == k_unfinished) return k_unfinished;
    i = next;
  }
  return k_unfinished;
}

size_t end_of_backquotes(std::string_view text, size_t at) {
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '`') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return k_unfinished;
}

size_t end_of_dollar(std::string_view text, size_t at) {
  if (at + 1 >= text.size()) return at + 1;
  const char next = text[at + 1];
  if (next == '{') return end_of_braces(text, at);
  if (next == '(') {
    if (is_arithmetic(text, at)) return end_of_arithmetic(text, at);
    return end_of_commands(text, at + 2);
  }
  if (is_name_start(next)) return at + 1 + name_length(text, at + 1);
  if (std::string_view("@*#?-$!0123456789").contains(next)) return at + 2;
  return at + 1;
}

bool is_arithmetic(std::string_view text, size_t at) {
  if (!text.substr(at).starts_with("$((")) return false;
  return end_of_arithmetic(text, at) != k_unfinished;
}

size_t name_length(std::string_view text, size_t at) {
  size_t length = 0;
  if (at < text.size() && is_name_start(text[at])) {
    while (at + length < text.size() && is_name_character(text[at + length])) ++length;
  }
  return length;
}

bool is_name(std::string_view text) { return !text.empty() && name_length(text, 0) == text.size(); }

}  // namespace weft::sh
