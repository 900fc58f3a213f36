// The grammar of scripts. A Parser gives one complete command after another.
#pragma once

#include <string_view>

#include "userlib/bin/sh/lexer.hh"
#include "userlib/bin/sh/syntax.hh"

namespace weft::sh {

class Parser {
 public:
  // Reads from that place of the text on; see Lexer for `is_all`.
  Parser(std::string_view text, size_t at, bool is_all) : text_(text), lexer_(text, at, is_all) {}

  // The next command with all that belongs to its line; empty for an empty line, at the end (then
  // at_end() is true) and when reading() is not fine.
  Ref<Command> next_line();
  bool at_end() { return lexer_.peek().kind == Token::Kind::end; }
  size_t taken_until() const { return lexer_.taken_until(); }

  Reading reading() const { return lexer_.reading(); }
  const String& message() const { return lexer_.message(); }

 private:
  friend size_t end_of_commands(std::string_view text, size_t at);

  Ref<Command> parse_list();      // and_or ; and_or & ... on one line
  Ref<Command> parse_compound();  // the same, over any number of lines, until a closing word
  Ref<Command> parse_and_or();
  Ref<Command> parse_pipeline();
  Ref<Command> parse_command();
  Ref<Command> parse_simple();
  Ref<Command> parse_branch();
  Ref<Command> parse_loop(bool is_until);
  Ref<Command> parse_each();
  Ref<Command> parse_choose();
  Ref<Command> parse_function(String name);
  Ref<Command> parse_body();  // do ... done
  Ref<Command> with_redirections(Ref<Command> command);
  bool parse_redirection(Command& command);

  // The next token is this word, unquoted.
  bool next_is(std::string_view word);
  bool take_if(std::string_view word);
  bool take_symbol_if(std::string_view symbol);
  void expect(std::string_view word);
  void skip_newlines();
  bool ends_list();
  bool failed() const { return lexer_.reading() != Reading::fine; }
  Ref<Command> fail_at_next();
  String source_from(size_t start) const;

  std::string_view text_;
  Lexer lexer_;
};

// Where the `)` stands that closes the commands which begin at that place, one behind it; k_unfinished
// (scan.hh) if there is none. What those commands are doesn't matter here, but parsing them is the
// only way to know which `)` it is: a case has its own.
size_t end_of_commands(std::string_view text, size_t at);

}  // namespace weft::sh
