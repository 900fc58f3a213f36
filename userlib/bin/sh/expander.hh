// The first half of an expansion: text in which each character remembers where it came from. The
// second half (expand.cc) cuts it into fields.
#pragma once

#include <string_view>

#include "userlib/bin/sh/shell.hh"

namespace weft::sh {

// Where a character came from. The last two mark a place between characters.
enum class Mark : char {
  literal = 'l',   // stood there, unquoted: may be a pattern's, is not split
  quoted = 'q',    // means itself
  expanded = 'e',  // came out of an unquoted substitution: is split, may be a pattern's
  boundary = 'b',  // here one field ends and the next begins, as in "$@"
  presence = 'p',  // here stood quotes: the field counts even if it is empty
};

struct MarkedText {
  String text;
  String marks;

  void add(std::string_view characters, Mark mark);
  void add_boundary() { add({"\0", 1}, Mark::boundary); }
  void add_presence() { add({"\0", 1}, Mark::presence); }
  Mark mark_at(size_t at) const { return static_cast<Mark>(marks[at]); }
};

class Expander {
 public:
  explicit Expander(Shell& shell) : shell_(shell) {}

  // A word, with all kinds of quotes.
  void expand(std::string_view word);
  // What stands between double quotes, or in a here-document, where " is ordinary.
  void expand_quoted(std::string_view text, bool is_document);

  const MarkedText& marked() const { return marked_; }
  bool failed() const { return failed_; }

 private:
  size_t expand_dollar(std::string_view text, size_t at, bool is_quoted);
  void expand_parameter(std::string_view content, bool is_quoted);
  void expand_operation(std::string_view name, std::string_view operation, bool is_quoted);
  void expand_default(std::string_view word);
  void add_parameter(std::string_view name, bool is_quoted);
  void add_arguments(bool is_quoted, bool is_joined);
  void add_output(std::string_view commands, bool is_quoted);
  void add_arithmetic(std::string_view text, bool is_quoted);
  void add_value(std::string_view value, bool is_quoted);
  size_t add_home(std::string_view word, size_t at);
  std::optional<String> value_of(std::string_view name);
  void fail(std::string_view name, std::string_view message);

  Shell& shell_;
  MarkedText marked_;
  bool failed_ = false;
};

// Runs commands in a child and gives what they print, without the newlines at its end.
String output_of(Shell& shell, std::string_view commands);

}  // namespace weft::sh
