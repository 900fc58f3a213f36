#include "userlib/bin/sh/lexer.hh"

#include <algorithm>

#include "userlib/base/text.hh"
#include "userlib/bin/sh/scan.hh"

namespace weft::sh {
namespace {

// Longer ones first: the first that fits is taken.
constexpr std::string_view k_symbols[] = {"<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>",
                                          ">|",  "&",  "|",  ";",  "<",  ">",  "(",  ")"};

constexpr bool ends_word(char c) { return std::string_view(" \t\n;&|<>()").contains(c); }

}  // namespace

void Lexer::fail(Reading reading, std::string_view message) {
  if (reading_ != Reading::fine) return;
  reading_ = reading;
  message_ = message;
}

const Token& Lexer::peek() {
  if (!has_token_) {
    read_token();
    has_token_ = true;
    token_end_ = at_;
  }
  return token_;
}

Token Lexer::take() {
  peek();
  has_token_ = false;
  taken_until_ = token_end_;
  return std::move(token_);
}

void Lexer::expect_document(Ref<HereDocument> document, std::string_view delimiter,
                            bool strips_tabs) {
  awaited_.push_back({std::move(document), delimiter, strips_tabs});
}

void Lexer::skip_blanks() {
  for (;;) {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    if (!text_.substr(at_).starts_with("\\\n")) break;
    at_ += 2;  // a line goes on behind backslash and newline
  }
  if (at_ < text_.size() && text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
}

void Lexer::read_token() {
  token_ = {};
  if (reading_ != Reading::fine) return;
  skip_blanks();
  token_.start = at_;
  if (at_ >= text_.size()) {
    if (!awaited_.empty()) read_documents();
    return;
  }
  if (text_[at_] == '\n') {
    ++at_;
    token_.kind = Token::Kind::newline;
    read_documents();
  } else if (ends_word(text_[at_])) {
    read_symbol();
  } else {
    read_word();
  }
}

void Lexer::read_symbol() {
  token_.kind = Token::Kind::symbol;
  const std::string_view rest = text_.substr(at_);
  token_.text =
      *std::ranges::find_if(k_symbols, [&](auto symbol) { return rest.starts_with(symbol); });
  at_ += token_.text.size();
}

void Lexer::read_word() {
  const size_t start = at_;
  while (at_ < text_.size() && !ends_word(text_[at_])) {
    size_t next = at_ + 1;
    switch (text_[at_]) {
      case '\\': next = at_ + 2 <= text_.size() ? at_ + 2 : k_unfinished; break;
      case '\'': next = end_of_single_quotes(text_, at_); break;
      case '"': next = end_of_double_quotes(text_, at_); break;
      case '`': next = end_of_backquotes(text_, at_); break;
      case '$': next = end_of_dollar(text_, at_); break;
      default: break;
    }
    if (next == k_unfinished) {
      fail(Reading::unfinished, "quotes or a substitution are not closed");
      token_ = {};
      return;
    }
    at_ = next;
  }
  token_.text = text_.substr(start, at_ - start);
  const bool before_arrow = at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '>');
  token_.kind = before_arrow && std::ranges::all_of(token_.text, is_digit) ? Token::Kind::descriptor
                                                                           : Token::Kind::word;
}

void Lexer::read_documents() {
  for (Awaited& awaited : awaited_) {
    if (!read_document(awaited)) {
      fail(Reading::unfinished, "a here-document has no end");
      token_ = {};
      return;
    }
  }
  awaited_.clear();
}

bool Lexer::read_document(Awaited& awaited) {
  String& body = awaited.document->text;
  while (at_ < text_.size()) {
    const size_t newline = text_.find('\n', at_);
    const bool has_newline = newline != std::string_view::npos;
    std::string_view line = text_.substr(at_, has_newline ? newline - at_ : newline);
    if (awaited.strips_tabs)
      line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
    if (line == awaited.delimiter.view() && (has_newline || is_all_)) {
      at_ = has_newline ? newline + 1 : text_.size();
      return true;
    }
    if (!has_newline && !is_all_) return false;
    body += line;
    if (has_newline) body += '\n';
    at_ = has_newline ? newline + 1 : text_.size();
  }
  return is_all_;
}

}  // namespace weft::sh
