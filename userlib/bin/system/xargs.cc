// xargs [-n COUNT] [-I TEXT] [COMMAND...]: runs a command with the words of standard input.
#include "userlib/base/file.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/system/launch.hh"

namespace weft {
namespace {

constexpr size_t k_most_words = 1000;  // in one command, so that it stays below the kernel's limit

class Xargs {
 public:
  explicit Xargs(Arguments command) : command_(command) {}

  void run(const Vector<String>& words) {
    Vector<const char*> all;
    for (const char* word : command_) all.push_back(word);
    for (const String& word : words) all.push_back(word.c_str());
    start({all.data(), all.size()});
  }

  // Each word in its own command, in the place of a text.
  void run_replacing(std::string_view text, std::string_view word) {
    Vector<String> replaced;
    for (const std::string_view part : command_) {
      String whole;
      for (size_t at = 0; at < part.size();) {
        if (part.substr(at).starts_with(text)) {
          whole += word;
          at += text.size();
        } else {
          whole += part[at++];
        }
      }
      replaced.push_back(whole);
    }
    Vector<const char*> all;
    for (const String& part : replaced) all.push_back(part.c_str());
    start({all.data(), all.size()});
  }

  int status() const { return status_; }

 private:
  void start(Arguments words) {
    const auto wait_status = run_and_wait(words);
    if (!wait_status) {
      status_ = 126;
    } else if (const int status = status_for(*wait_status); status != 0) {
      status_ = status >= 126 ? status : 123;  // as every xargs says that a command failed
    }
  }

  Arguments command_;
  int status_ = 0;
};

// Words between blanks; quotes hold them together.
Vector<String> words_of(std::string_view text) {
  Vector<String> words;
  String word;
  bool has_word = false;
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == quote)
        quote = '\0';
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      has_word = true;
    } else if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      has_word = true;
    } else if (is_space(c)) {
      if (has_word) words.push_back(std::move(word));
      word.clear();
      has_word = false;
    } else {
      word += c;
      has_word = true;
    }
  }
  if (has_word) words.push_back(std::move(word));
  return words;
}

}  // namespace

int xargs_main(Arguments arguments) {
  size_t most = k_most_words;
  const char* replaced = nullptr;
  bool not_if_empty = false;
  OptionParser options(arguments, "n:I:r");
  while (const auto option = options.next()) {
    if (option->letter == 'n')
      most = static_cast<size_t>(parse_number(option->value).value_or(k_most_words));
    if (option->letter == 'I') replaced = option->value;
    if (option->letter == 'r') not_if_empty = true;
  }
  if (options.wrong() || most == 0) return 2;
  String text;
  if (!read_all(0, text)) return 1;
  constexpr const char* k_echo[] = {"echo"};
  Xargs xargs(options.rest().empty() ? Arguments(k_echo) : options.rest());
  if (replaced != nullptr) {
    for (const std::string_view line : split(text, '\n')) {
      if (!line.empty()) xargs.run_replacing(replaced, line);
    }
    return xargs.status();
  }
  Vector<String> some;
  bool has_run = false;
  for (String& word : words_of(text)) {
    some.push_back(std::move(word));
    if (some.size() < most) continue;
    xargs.run(some);
    some.clear();
    has_run = true;
  }
  if (!some.empty() || (!has_run && !not_if_empty)) xargs.run(some);
  return xargs.status();
}

}  // namespace weft
