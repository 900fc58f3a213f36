// test EXPRESSION, and [ EXPRESSION ]: the answer is the status, 0 for yes.
#include "userlib/base/file.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"

namespace weft {
namespace {

constexpr int k_yes = 0;
constexpr int k_no = 1;
constexpr int k_wrong = 2;

bool file_test(char kind, const char* path) {
  if (kind == 'h' || kind == 'L') {
    const auto status = status_of_link(path);
    return status && (status->mode & abi::k_s_ifmt) == abi::k_s_iflnk;
  }
  if (kind == 'r') return sys::access(path, abi::k_r_ok).has_value();
  if (kind == 'w') return sys::access(path, abi::k_w_ok).has_value();
  if (kind == 'x') return sys::access(path, abi::k_x_ok).has_value();
  const auto status = status_of(path);
  if (!status) return false;
  const uint32_t type = status->mode & abi::k_s_ifmt;
  switch (kind) {
    case 'e': return true;
    case 'f': return type == abi::k_s_ifreg;
    case 'd': return type == abi::k_s_ifdir;
    case 'p': return type == abi::k_s_ififo;
    case 'c': return type == abi::k_s_ifchr;
    case 'b': return type == abi::k_s_ifblk;
    case 'S': return type == abi::k_s_ifsock;
    case 's': return status->size > 0;
    case 'u': return (status->mode & abi::k_s_isuid) != 0;
    case 'g': return (status->mode & abi::k_s_isgid) != 0;
    case 'k': return (status->mode & abi::k_s_isvtx) != 0;
    default: return false;
  }
}

bool is_newer(const char* left, const char* right) {
  const auto a = status_of(left);
  const auto b = status_of(right);
  if (!a) return false;
  if (!b) return true;
  if (a->modified.seconds != b->modified.seconds) return a->modified.seconds > b->modified.seconds;
  return a->modified.nanoseconds > b->modified.nanoseconds;
}

bool is_same_file(const char* left, const char* right) {
  const auto a = status_of(left);
  const auto b = status_of(right);
  return a && b && a->device == b->device && a->inode == b->inode;
}

class Tester {
 public:
  Tester(Arguments arguments, Arguments words) : arguments_(arguments), words_(words) {}

  int run() {
    if (words_.empty()) return k_no;
    const bool answer = either();
    if (!wrong_ && at_ < words_.size()) complain_about("it is not over here");
    if (wrong_) return k_wrong;
    return answer ? k_yes : k_no;
  }

 private:
  size_t left() const { return words_.size() - at_; }
  std::string_view peek(size_t ahead = 0) const {
    return left() > ahead ? words_[at_ + ahead] : "";
  }
  bool take(std::string_view word) {
    if (left() == 0 || peek() != word) return false;
    ++at_;
    return true;
  }
  void complain_about(std::string_view what) {
    if (!wrong_) complain(arguments_, what);
    wrong_ = true;
  }

  bool either() {
    bool answer = both();
    while (take("-o")) {
      const bool right = both();
      answer = answer || right;
    }
    return answer;
  }

  bool both() {
    bool answer = negated();
    while (take("-a")) {
      const bool right = negated();
      answer = answer && right;
    }
    return answer;
  }

  bool negated() {
    if (left() > 1 && !is_binary(peek(1)) && take("!")) return !negated();
    if (left() == 2 && take("!")) return !negated();
    return primary();
  }

  static bool is_binary(std::string_view word) {
    constexpr std::string_view k_words[] = {"=",   "==",  "!=",  "<",   ">",   "-eq", "-ne",
                                            "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"};
    return std::ranges::find(k_words, word) != std::end(k_words);
  }

  bool primary() {
    if (left() == 0) {
      complain_about("an expression is wanted");
      return false;
    }
    if (left() >= 3 && is_binary(peek(1))) return binary();
    if (left() >= 3 && take("(")) {
      const bool answer = either();
      if (!take(")")) complain_about("a ) is missing");
      return answer;
    }
    const std::string_view word = peek();
    if (left() >= 2 && word.size() == 2 && word[0] == '-') {
      const char kind = word[1];
      if (kind == 'n' || kind == 'z') {
        at_ += 2;
        return std::string_view(words_[at_ - 1]).empty() == (kind == 'z');
      }
      if (kind == 't') {
        at_ += 2;
        const auto fd = parse_number(words_[at_ - 1]);
        return fd && is_terminal(static_cast<int>(*fd));
      }
      if (std::string_view("edfrwxshLpcbSugk").contains(kind)) {
        at_ += 2;
        return file_test(kind, words_[at_ - 1]);
      }
    }
    ++at_;
    return !word.empty();
  }

  bool binary() {
    const char* left_word = words_[at_];
    const std::string_view operation = words_[at_ + 1];
    const char* right_word = words_[at_ + 2];
    at_ += 3;
    const std::string_view a = left_word;
    const std::string_view b = right_word;
    if (operation == "=" || operation == "==") return a == b;
    if (operation == "!=") return a != b;
    if (operation == "<") return a < b;
    if (operation == ">") return a > b;
    if (operation == "-nt") return is_newer(left_word, right_word);
    if (operation == "-ot") return is_newer(right_word, left_word);
    if (operation == "-ef") return is_same_file(left_word, right_word);
    const auto x = parse_number(a);
    const auto y = parse_number(b);
    if (!x || !y) {
      complain_about("a number is wanted");
      return false;
    }
    if (operation == "-eq") return *x == *y;
    if (operation == "-ne") return *x != *y;
    if (operation == "-lt") return *x < *y;
    if (operation == "-le") return *x <= *y;
    if (operation == "-gt") return *x > *y;
    return *x >= *y;
  }

  Arguments arguments_;
  Arguments words_;
  size_t at_ = 0;
  bool wrong_ = false;
};

}  // namespace

int test_main(Arguments arguments) {
  Arguments words = arguments.subspan(1);
  if (base_name(arguments[0]) == "[") {
    if (words.empty() || std::string_view(words.back()) != "]") {
      complain(arguments, "a ] is missing");
      return k_wrong;
    }
    words = words.first(words.size() - 1);
  }
  return Tester(arguments, words).run();
}

}  // namespace weft
