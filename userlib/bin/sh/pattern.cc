#include "userlib/bin/sh/pattern.hh"

#include <algorithm>

#include "userlib/base/file.hh"
#include "userlib/base/text.hh"

namespace weft::sh {
namespace {

bool is_in_class(std::string_view name, char c) {
  if (name == "alpha") return is_letter(c);
  if (name == "digit") return is_digit(c);
  if (name == "alnum") return is_letter(c) || is_digit(c);
  if (name == "upper") return c >= 'A' && c <= 'Z';
  if (name == "lower") return c >= 'a' && c <= 'z';
  if (name == "space") return is_space(c);
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "punct") return c > ' ' && c < 127 && !is_letter(c) && !is_digit(c);
  if (name == "xdigit") return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
  if (name == "print") return c >= ' ' && c < 127;
  if (name == "graph") return c > ' ' && c < 127;
  if (name == "cntrl") return (c >= 0 && c < ' ') || c == 127;
  return false;
}

// A set in brackets that begins at the pattern's front. `length` is how long it is; 0 if the bracket
// is never closed, and so an ordinary character.
bool matches_set(std::string_view pattern, char c, size_t& length) {
  size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  bool found = false;
  length = 0;
  for (const size_t first = at; at < pattern.size(); ++at) {
    if (pattern[at] == ']' && at > first) {
      length = at + 1;
      return found != negated;
    }
    if (pattern.substr(at).starts_with("[:")) {
      const size_t end = pattern.find(":]", at + 2);
      if (end != std::string_view::npos) {
        found = found || is_in_class(pattern.substr(at + 2, end - at - 2), c);
        at = end + 1;
        continue;
      }
    }
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    const char low = pattern[at];
    char high = low;
    if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
      at += 2;
      if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
      high = pattern[at];
    }
    found = found || (low <= c && c <= high);
  }
  return false;
}

// Whether the pattern's front describes one character; `length` is how much of the pattern that took.
bool matches_one(std::string_view pattern, char c, size_t& length) {
  length = 1;
  if (pattern[0] == '?') return true;
  if (pattern[0] == '[') {
    size_t set_length = 0;
    const bool found = matches_set(pattern, c, set_length);
    if (set_length > 0) {
      length = set_length;
      return found;
    }
  }
  if (pattern[0] == '\\' && pattern.size() > 1) {
    length = 2;
    return pattern[1] == c;
  }
  return pattern[0] == c;
}

String without_backslashes(std::string_view pattern) {
  String plain;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    plain += pattern[i];
  }
  return plain;
}

// Adds what fits the pattern below the path that has been found so far.
void find_below(const String& found, std::string_view pattern, Vector<String>& paths) {
  String path = found;
  while (pattern.starts_with('/')) {
    path += '/';
    pattern.remove_prefix(1);
  }
  if (pattern.empty()) {
    if (status_of(path.c_str())) paths.push_back(path);
    return;
  }
  const size_t slash = pattern.find('/');
  const std::string_view step = pattern.substr(0, slash);
  const std::string_view rest = slash == std::string_view::npos ? "" : pattern.substr(slash);
  if (!has_wildcards(step)) {
    const String next = path + without_backslashes(step);
    if (!status_of_link(next.c_str())) return;
    if (rest.empty()) {
      paths.push_back(next);
    } else {
      find_below(next, rest, paths);
    }
    return;
  }
  const auto items = list_directory(path.empty() ? "." : path.c_str());
  if (!items) return;
  for (const DirectoryItem& item : *items) {
    if (item.name.starts_with(".") && !step.starts_with('.')) continue;
    if (!matches(step, item.name)) continue;
    if (rest.empty()) {
      paths.push_back(path + item.name);
    } else {
      find_below(path + item.name, rest, paths);
    }
  }
}

}  // namespace

// Goes forward as far as it can; where it cannot, it lets the last star take one character more.
bool matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    size_t length = 0;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && matches_one(pattern.substr(p), text[t], length)) {
      p += length;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool has_wildcards(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '*' || pattern[i] == '?') {
      return true;
    } else if (pattern[i] == '[' && pattern.find(']', i + 2) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

Vector<String> paths_that_match(std::string_view pattern) {
  Vector<String> paths;
  find_below({}, pattern, paths);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace weft::sh
