#include "userlib/bin/text/regex.hh"

#include <optional>

#include "userlib/base/text.hh"

namespace weft {
namespace {

constexpr size_t k_many = SIZE_MAX;
constexpr std::string_view k_special = ".*+?|()[]^${}\\";

// What to do once a part has matched up to a place: the rest of the pattern. Lives on the stack.
struct Next {
  bool (*run)(const Next& self, size_t at);
};

// Matches a pattern against a text. Each function takes a piece of the pattern, a place in the text,
// and what has to match behind; it tries all ways, the longest first.
class Matcher {
 public:
  Matcher(std::string_view text, bool ignores_case) : text_(text), ignores_case_(ignores_case) {}

  std::optional<size_t> match_at(std::string_view pattern, size_t at) {
    end_.reset();
    const Finish finish{{[](const Next& self, size_t place) {
                          auto& matcher = static_cast<const Finish&>(self).matcher;
                          if (!matcher.end_ || place > *matcher.end_) matcher.end_ = place;
                          return false;  // look for a longer one
                        }},
                        *this};
    (void)either(pattern, at, finish);
    return end_;
  }

 private:
  struct Finish : Next {
    Matcher& matcher;
  };
  struct Rest : Next {
    Matcher& matcher;
    std::string_view pattern;
    const Next& next;
  };
  struct Again : Next {
    Matcher& matcher;
    std::string_view atom;
    size_t least;
    size_t most;
    size_t from;
    const Next& next;
  };

  // How long the atom at the pattern's front is: a character, a set, a group, an escape.
  static size_t atom_length(std::string_view pattern) {
    if (pattern[0] == '\\') return std::min<size_t>(2, pattern.size());
    if (pattern[0] == '[') {
      const size_t first = pattern.substr(1).starts_with('^') ? 3 : 2;
      for (size_t i = first; i < pattern.size(); ++i) {
        if (pattern.substr(i).starts_with("[:")) {
          i = pattern.find(":]", i) + 1;
          continue;
        }
        if (pattern[i] == ']') return i + 1;
      }
      return 1;
    }
    if (pattern[0] == '(') {
      size_t depth = 0;
      for (size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\')
          ++i;
        else if (pattern[i] == '[')
          i += atom_length(pattern.substr(i)) - 1;
        else if (pattern[i] == '(')
          ++depth;
        else if (pattern[i] == ')' && --depth == 0)
          return i + 1;
      }
    }
    return 1;
  }

  // a|b|c
  bool either(std::string_view pattern, size_t at, const Next& next) {
    for (size_t i = 0; i <= pattern.size();) {
      if (i == pattern.size() || pattern[i] == '|') {
        if (sequence(pattern.substr(0, i), at, next)) return true;
        if (i == pattern.size()) return false;
        pattern.remove_prefix(i + 1);
        i = 0;
      } else {
        i += atom_length(pattern.substr(i));
      }
    }
    return false;
  }

  // How often an atom may stand: *, +, ?, {m,n}. `length` is how long the mark is.
  static size_t repetition(std::string_view mark, size_t& least, size_t& most) {
    least = most = 1;
    if (mark.empty()) return 0;
    if (mark[0] == '*' || mark[0] == '+' || mark[0] == '?') {
      least = mark[0] == '+' ? 1 : 0;
      most = mark[0] == '?' ? 1 : k_many;
      return 1;
    }
    const size_t close = mark.find('}');
    if (mark[0] != '{' || close == std::string_view::npos) return 0;
    const std::string_view range = mark.substr(1, close - 1);
    const size_t comma = range.find(',');
    const auto low = parse_number(range.substr(0, comma));
    if (!low) return 0;
    least = static_cast<size_t>(*low);
    most = least;
    if (comma != std::string_view::npos) {
      const auto high = parse_number(range.substr(comma + 1));
      most = high ? static_cast<size_t>(*high) : k_many;
    }
    return close + 1;
  }

  bool sequence(std::string_view pattern, size_t at, const Next& next) {
    if (pattern.empty()) return next.run(next, at);
    if (pattern[0] == '^') return at == 0 && sequence(pattern.substr(1), at, next);
    if (pattern == "$") return at == text_.size() && next.run(next, at);
    if (pattern.starts_with("\\b"))
      return is_word_edge(at) && sequence(pattern.substr(2), at, next);
    const size_t length = atom_length(pattern);
    const std::string_view atom = pattern.substr(0, length);
    size_t least;
    size_t most;
    const size_t mark = repetition(pattern.substr(length), least, most);
    const Rest rest{{[](const Next& self, size_t place) {
                      const auto& own = static_cast<const Rest&>(self);
                      return own.matcher.sequence(own.pattern, place, own.next);
                    }},
                    *this,
                    pattern.substr(length + mark),
                    next};
    return repeat(atom, least, most, at, rest);
  }

  bool repeat(std::string_view atom, size_t least, size_t most, size_t at, const Next& next) {
    if (most > 0) {
      const Again again{{[](const Next& self, size_t place) {
                          const auto& own = static_cast<const Again&>(self);
                          if (place == own.from)
                            return false;  // nothing matched: more of it is no use
                          return own.matcher.repeat(own.atom, own.least > 0 ? own.least - 1 : 0,
                                                    own.most == k_many ? k_many : own.most - 1,
                                                    place, own.next);
                        }},
                        *this,
                        atom,
                        least,
                        most,
                        at,
                        next};
      if (one(atom, at, again)) return true;
    }
    return least == 0 && next.run(next, at);
  }

  bool one(std::string_view atom, size_t at, const Next& next) {
    if (atom[0] == '(' && atom.size() > 1) return either(atom.substr(1, atom.size() - 2), at, next);
    if (at >= text_.size() || !fits(atom, text_[at])) return false;
    return next.run(next, at + 1);
  }

  bool fits(std::string_view atom, char c) const {
    if (atom[0] == '\\' && atom.size() > 1) {
      switch (atom[1]) {
        case 'w': return is_word(c);
        case 'd': return is_digit(c);
        case 's': return is_space(c);
        default: return same(atom[1], c);
      }
    }
    if (atom[0] == '.') return true;
    if (atom[0] == '[' && atom.size() > 1) return is_in_set(atom, c);
    return same(atom[0], c);
  }

  bool is_in_set(std::string_view set, char c) const {
    set = set.substr(1, set.size() - 2);
    const bool negated = set.starts_with('^');
    if (negated) set.remove_prefix(1);
    bool found = false;
    for (size_t i = 0; i < set.size(); ++i) {
      if (set.substr(i).starts_with("[:")) {
        const size_t end = set.find(":]", i);
        if (end != std::string_view::npos) {
          found = found || is_in_class(set.substr(i + 2, end - i - 2), c);
          i = end + 1;
          continue;
        }
      }
      if (i + 2 < set.size() && set[i + 1] == '-') {
        const auto in_range = [&](char x) { return set[i] <= x && x <= set[i + 2]; };
        found = found || in_range(c) ||
                (ignores_case_ && (in_range(to_lower(c)) || in_range(to_upper(c))));
        i += 2;
      } else {
        found = found || same(set[i], c);
      }
    }
    return found != negated;
  }

  static bool is_in_class(std::string_view name, char c) {
    if (name == "alpha") return is_letter(c);
    if (name == "digit") return is_digit(c);
    if (name == "alnum") return is_letter(c) || is_digit(c);
    if (name == "space") return is_space(c);
    if (name == "upper") return c >= 'A' && c <= 'Z';
    if (name == "lower") return c >= 'a' && c <= 'z';
    return false;
  }

  static bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
  bool is_word_edge(size_t at) const {
    const bool before = at > 0 && is_word(text_[at - 1]);
    const bool behind = at < text_.size() && is_word(text_[at]);
    return before != behind;
  }
  bool same(char a, char b) const { return ignores_case_ ? to_lower(a) == to_lower(b) : a == b; }

  std::string_view text_;
  bool ignores_case_;
  std::optional<size_t> end_;
};

// In the basic syntax \( \) \{ \} \| \+ \? are special, and the plain ones are not.
String from_basic(std::string_view pattern) {
  constexpr std::string_view k_swapped = "(){}|+?";
  String result;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char escaped = pattern[++i];
      if (!k_swapped.contains(escaped)) result += '\\';
      result += escaped;
    } else if (k_swapped.contains(c) || (c == '*' && (i == 0 || (i == 1 && pattern[0] == '^')))) {
      result += '\\';
      result += c;
    } else {
      result += c;
    }
  }
  return result;
}

String escaped(std::string_view pattern) {
  String result;
  for (const char c : pattern) {
    if (k_special.contains(c)) result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

Regex::Regex(std::string_view pattern, Syntax syntax, bool ignores_case)
    : ignores_case_(ignores_case) {
  if (syntax == Syntax::basic) pattern_ = from_basic(pattern);
  if (syntax == Syntax::extended) pattern_ = pattern;
  if (syntax == Syntax::fixed) pattern_ = escaped(pattern);
}

std::optional<Regex::Match> Regex::search(std::string_view text, size_t from) const {
  Matcher matcher(text, ignores_case_);
  for (size_t at = from; at <= text.size(); ++at) {
    if (const auto end = matcher.match_at(pattern_, at)) return Match{at, *end - at};
  }
  return std::nullopt;
}

}  // namespace weft
