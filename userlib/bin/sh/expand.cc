// The second half of an expansion: marked text into fields, fields into paths.
#include "userlib/bin/sh/expand.hh"

#include "userlib/base/text.hh"
#include "userlib/bin/sh/expander.hh"
#include "userlib/bin/sh/pattern.hh"

namespace weft::sh {
namespace {

constexpr bool is_place(Mark mark) { return mark == Mark::boundary || mark == Mark::presence; }

// Cuts marked text into fields. Characters of IFS that came out of a substitution end a field; blanks
// among them count as one.
class Splitter {
 public:
  Splitter(const MarkedText& marked, std::string_view separators)
      : marked_(marked), separators_(separators) {}

  Vector<MarkedText> run() {
    for (size_t at = 0; at < marked_.text.size(); ++at) take(marked_.text[at], marked_.mark_at(at));
    if (has_field_) fields_.push_back(std::move(field_));
    return std::move(fields_);
  }

 private:
  void take(char c, Mark mark) {
    if (mark == Mark::boundary) {
      end_field(has_field_);
      after_blank_ = false;
    } else if (mark == Mark::presence) {
      has_field_ = true;
    } else if (mark == Mark::expanded && separators_.contains(c)) {
      take_separator(c);
    } else {
      field_.add({&c, 1}, mark);
      has_field_ = true;
      after_blank_ = false;
    }
  }

  void take_separator(char c) {
    const bool is_blank = is_space(c);
    if (is_blank) {
      if (has_field_) {
        end_field(true);
        after_blank_ = true;
      }
      return;
    }
    // A comma in "a , b" belongs to the field that the blank has ended already.
    if (!has_field_ && after_blank_) {
      after_blank_ = false;
      return;
    }
    end_field(true);
    after_blank_ = false;
  }

  void end_field(bool counts) {
    if (counts) fields_.push_back(std::move(field_));
    field_ = {};
    has_field_ = false;
  }

  const MarkedText& marked_;
  std::string_view separators_;
  Vector<MarkedText> fields_;
  MarkedText field_;
  bool has_field_ = false;
  bool after_blank_ = false;
};

// For matches(): a backslash before everything that is not to be a pattern's.
String as_pattern(const MarkedText& marked) {
  String pattern;
  for (size_t at = 0; at < marked.text.size(); ++at) {
    const Mark mark = marked.mark_at(at);
    if (is_place(mark)) continue;
    if (mark == Mark::quoted && std::string_view("*?[]\\!^-").contains(marked.text[at]))
      pattern += '\\';
    pattern += marked.text[at];
  }
  return pattern;
}

String as_text(const MarkedText& marked) {
  String text;
  for (size_t at = 0; at < marked.text.size(); ++at) {
    const Mark mark = marked.mark_at(at);
    if (mark == Mark::boundary) text += ' ';
    if (!is_place(mark)) text += marked.text[at];
  }
  return text;
}

void add_paths(const Shell& shell, const MarkedText& field, Vector<String>& words) {
  if (!shell.options.no_globbing) {
    const String pattern = as_pattern(field);
    if (has_wildcards(pattern)) {
      Vector<String> paths = paths_that_match(pattern);
      if (!paths.empty()) {
        for (String& path : paths) words.push_back(std::move(path));
        return;
      }
    }
  }
  words.push_back(field.text);
}

}  // namespace

std::optional<Vector<String>> expand_words(Shell& shell, const Vector<String>& words) {
  Vector<String> result;
  for (const String& word : words) {
    Expander expander(shell);
    expander.expand(word);
    if (expander.failed()) return std::nullopt;
    const String separators = shell.variables.get("IFS").value_or(" \t\n");
    for (const MarkedText& field : Splitter(expander.marked(), separators).run()) {
      add_paths(shell, field, result);
    }
  }
  return result;
}

std::optional<String> expand_word(Shell& shell, std::string_view word) {
  Expander expander(shell);
  expander.expand(word);
  if (expander.failed()) return std::nullopt;
  return as_text(expander.marked());
}

std::optional<String> expand_pattern(Shell& shell, std::string_view word) {
  Expander expander(shell);
  expander.expand(word);
  if (expander.failed()) return std::nullopt;
  return as_pattern(expander.marked());
}

std::optional<String> expand_document(Shell& shell, std::string_view text) {
  Expander expander(shell);
  expander.expand_quoted(text, true);
  if (expander.failed()) return std::nullopt;
  return as_text(expander.marked());
}

}  // namespace weft::sh
