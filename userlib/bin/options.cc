#include "userlib/bin/options.hh"

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"

namespace weft {

std::optional<Option> OptionParser::next() {
  if (wrong_ || at_ >= arguments_.size()) return std::nullopt;
  const std::string_view word = arguments_[at_];
  if (word.size() < 2 || word[0] != '-') return std::nullopt;
  if (word == "--") {
    ++at_;
    return std::nullopt;
  }
  if (is_digit(word[1]) && letters_.contains('#')) return Option{'#', arguments_[at_++] + 1};
  const char letter = word[within_];
  const size_t place = letters_.find(letter);
  if (letter == ':' || place == std::string_view::npos) return fail("there is no option", letter);
  const bool takes_value = letters_.substr(place + 1).starts_with(':');
  const bool ends_word = within_ + 1 == word.size();
  if (!takes_value) {
    within_ = ends_word ? 1 : within_ + 1;
    if (ends_word) ++at_;
    return Option{letter, nullptr};
  }
  const char* value = ends_word ? nullptr : arguments_[at_] + within_ + 1;
  if (ends_word) {
    if (at_ + 1 >= arguments_.size()) return fail("a value is wanted behind", letter);
    value = arguments_[++at_];
  }
  ++at_;
  within_ = 1;
  return Option{letter, value};
}

std::optional<Option> OptionParser::fail(std::string_view message, char letter) {
  wrong_ = true;
  const Tool* tool = find_tool(arguments_[0]);
  out.flush();
  print_error("{}: {} -{}; {} {}\n", arguments_[0], message, letter, arguments_[0],
              tool != nullptr ? tool->help : "");
  return std::nullopt;
}

int complain(Arguments arguments, std::string_view path, Errno error) {
  out.flush();
  print_error("{}: {}: {}\n", arguments[0], path, describe(error));
  return 1;
}

int complain(Arguments arguments, std::string_view message) {
  out.flush();
  print_error("{}: {}\n", arguments[0], message);
  return 1;
}

}  // namespace weft
