#include "userlib/bin/sh/arithmetic.hh"

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/scan.hh"
#include "userlib/bin/sh/variables.hh"

namespace weft::sh {
namespace {

struct Operator {
  std::string_view text;
  unsigned rank;  // binds tighter the higher it is
};

// Longer ones first, since the first that fits is taken.
constexpr Operator k_operators[] = {{"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<=", 7},
                                    {">=", 7}, {"<<", 8}, {">>", 8}, {"|", 3},  {"^", 4},
                                    {"&", 5},  {"<", 7},  {">", 7},  {"+", 9},  {"-", 9},
                                    {"*", 10}, {"/", 10}, {"%", 10}};

// Operators that may stand in front of the = of an assignment.
constexpr std::string_view k_assignments[] = {"<<", ">>", "+", "-", "*", "/",
                                              "%",  "&",  "^", "|", ""};

class Evaluator {
 public:
  Evaluator(Variables& variables, std::string_view text) : variables_(variables), text_(text) {}

  std::optional<int64_t> run() {
    const int64_t value = assignment();
    skip_spaces();
    if (at_ < text_.size()) fail("it makes no sense here", text_.substr(at_));
    if (failed_) return std::nullopt;
    return value;
  }

 private:
  void fail(std::string_view message, std::string_view place) {
    if (!failed_) print_error("sh: arithmetic: '{}': {}\n", place, message);
    failed_ = true;
    at_ = text_.size();
  }

  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool take(std::string_view token) {
    skip_spaces();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  // name = value, name += value, ...; or no assignment at all.
  int64_t assignment() {
    skip_spaces();
    const size_t start = at_;
    const size_t length = name_length(text_, at_);
    if (length > 0) {
      const std::string_view name = text_.substr(at_, length);
      at_ += length;
      skip_spaces();
      for (const std::string_view operation : k_assignments) {
        const std::string_view rest = text_.substr(at_);
        if (!rest.starts_with(operation) || !rest.substr(operation.size()).starts_with('='))
          continue;
        if (operation.empty() && rest.starts_with("==")) continue;
        at_ += operation.size() + 1;
        const int64_t right = assignment();
        return store(name, operation.empty() ? right : apply(operation, value_of(name), right));
      }
      at_ = start;
    }
    return choice();
  }

  int64_t choice() {
    const int64_t condition = binary(1);
    if (!take("?")) return condition;
    // Only the side that counts may assign or divide by zero.
    const unsigned skipping = skipping_;
    if (condition == 0) ++skipping_;
    const int64_t yes = assignment();
    skipping_ = skipping;
    if (!take(":")) fail("a : is missing", text_.substr(at_));
    if (condition != 0) ++skipping_;
    const int64_t no = assignment();
    skipping_ = skipping;
    return condition != 0 ? yes : no;
  }

  const Operator* next_operator(unsigned lowest) {
    skip_spaces();
    const std::string_view rest = text_.substr(at_);
    for (const Operator& each : k_operators) {
      if (rest.starts_with(each.text)) return each.rank >= lowest ? &each : nullptr;
    }
    return nullptr;
  }

  int64_t binary(unsigned lowest) {
    int64_t left = unary();
    while (const Operator* found = next_operator(lowest)) {
      at_ += found->text.size();
      const unsigned skipping = skipping_;
      if ((found->text == "&&" && left == 0) || (found->text == "||" && left != 0)) ++skipping_;
      const int64_t right = binary(found->rank + 1);
      skipping_ = skipping;
      left = apply(found->text, left, right);
    }
    return left;
  }

  int64_t apply(std::string_view operation, int64_t left, int64_t right) {
    const auto a =
        static_cast<uint64_t>(left);  // wraps around, where a signed overflow is no value
    const auto b = static_cast<uint64_t>(right);
    if (operation == "+") return static_cast<int64_t>(a + b);
    if (operation == "-") return static_cast<int64_t>(a - b);
    if (operation == "*") return static_cast<int64_t>(a * b);
    if (operation == "<<") return static_cast<int64_t>(a << (b & 63));
    if (operation == ">>") return left >> (b & 63);
    if (operation == "&") return left & right;
    if (operation == "|") return left | right;
    if (operation == "^") return left ^ right;
    if (operation == "&&") return left != 0 && right != 0;
    if (operation == "||") return left != 0 || right != 0;
    if (operation == "==") return left == right;
    if (operation == "!=") return left != right;
    if (operation == "<") return left < right;
    if (operation == ">") return left > right;
    if (operation == "<=") return left <= right;
    if (operation == ">=") return left >= right;
    // Left are / and %.
    if (skipping_ > 0) return 0;
    if (right == 0) {
      fail("division by zero", operation);
      return 0;
    }
    if (right == -1) return operation == "/" ? static_cast<int64_t>(0 - a) : 0;
    return operation == "/" ? left / right : left % right;
  }

  int64_t unary() {
    if (take("++")) return step(1);
    if (take("--")) return step(-1);
    if (take("-")) return static_cast<int64_t>(0 - static_cast<uint64_t>(unary()));
    if (take("+")) return unary();
    if (take("~")) return ~unary();
    if (take("!")) return unary() == 0;
    return primary();
  }

  // ++name and --name.
  int64_t step(int64_t by) {
    skip_spaces();
    const std::string_view name = text_.substr(at_, name_length(text_, at_));
    if (name.empty()) {
      fail("a name is missing", text_.substr(at_));
      return 0;
    }
    at_ += name.size();
    return store(name, apply("+", value_of(name), by));
  }

  int64_t primary() {
    if (take("(")) {
      const int64_t value = assignment();
      if (!take(")")) fail("a ) is missing", text_);
      return value;
    }
    skip_spaces();
    if (const size_t length = name_length(text_, at_)) {
      const std::string_view name = text_.substr(at_, length);
      at_ += length;
      const int64_t value = value_of(name);
      if (take("++"))
        store(name, apply("+", value, 1));
      else if (take("--"))
        store(name, apply("-", value, 1));
      return value;
    }
    const size_t start = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || is_letter(text_[at_]))) ++at_;
    return number(text_.substr(start, at_ - start));
  }

  int64_t number(std::string_view digits) {
    unsigned base = 10;
    std::string_view rest = digits;
    if (rest.starts_with("0x") || rest.starts_with("0X")) {
      base = 16;
      rest.remove_prefix(2);
    } else if (rest.size() > 1 && rest.starts_with('0')) {
      base = 8;
    }
    const auto value = parse_number(rest, base);
    if (!value) fail("a number is missing", digits.empty() ? text_ : digits);
    return value.value_or(0);
  }

  // A variable holds a number, or another expression.
  int64_t value_of(std::string_view name) {
    const std::string_view text = variables_.get(name).value_or("");
    if (text.empty()) return 0;
    if (const auto value = parse_number(text)) {
      if (!text.starts_with('0')) return *value;
    }
    if (depth_ > k_deepest) {
      fail("it refers to itself", name);
      return 0;
    }
    const String copy = text;
    Evaluator inner(variables_, copy);
    inner.depth_ = depth_ + 1;
    const auto value = inner.run();
    if (!value) {
      failed_ = true;
      at_ = text_.size();
    }
    return value.value_or(0);
  }

  int64_t store(std::string_view name, int64_t value) {
    if (skipping_ == 0 && !failed_ && !variables_.set(name, Text<24>("{}", value).view())) {
      fail("it is read-only", name);
    }
    return value;
  }

  static constexpr unsigned k_deepest = 50;

  Variables& variables_;
  std::string_view text_;
  size_t at_ = 0;
  unsigned skipping_ = 0;  // inside a side of ?:, && or || that doesn't count
  unsigned depth_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<int64_t> evaluate(Variables& variables, std::string_view text) {
  if (text.find_first_not_of(" \t\n") == std::string_view::npos) return 0;
  return Evaluator(variables, text).run();
}

}  // namespace weft::sh
