// Lexer: cuts a script into words and operators. It also reads the bodies of here-documents, which
// begin behind the newline that follows them.
#pragma once

#include <string_view>

#include "userlib/bin/sh/syntax.hh"

namespace weft::sh {

struct Token {
  enum class Kind { word, descriptor, symbol, newline, end };

  Kind kind = Kind::end;
  String text;       // of a word as it was written; of a symbol its characters
  size_t start = 0;  // where in the script it began

  bool is(std::string_view symbol) const { return kind == Kind::symbol && text == symbol; }
};

// How far the script makes sense.
enum class Reading {
  fine,
  unfinished,  // it could go on: quotes, a here-document or a compound command are open
  wrong,       // it cannot
};

class Lexer {
 public:
  // `is_all` says that no more text will come: then a here-document may end with the script.
  Lexer(std::string_view text, size_t at, bool is_all) : text_(text), at_(at), is_all_(is_all) {}

  const Token& peek();
  Token take();
  // Where the last token that was taken ended.
  size_t taken_until() const { return taken_until_; }
  // The next newline is followed by the lines of this document.
  void expect_document(Ref<HereDocument> document, std::string_view delimiter, bool strips_tabs);

  Reading reading() const { return reading_; }
  const String& message() const { return message_; }
  void fail(Reading reading, std::string_view message);

 private:
  struct Awaited {
    Ref<HereDocument> document;
    String delimiter;
    bool strips_tabs;
  };

  void read_token();
  void skip_blanks();
  void read_symbol();
  void read_word();
  void read_documents();
  bool read_document(Awaited& awaited);

  std::string_view text_;
  size_t at_;
  bool is_all_;
  bool has_token_ = false;
  Token token_;
  size_t token_end_ = 0;
  size_t taken_until_ = 0;
  Vector<Awaited> awaited_;
  Reading reading_ = Reading::fine;
  String message_;
};

}  // namespace weft::sh
