#include "userlib/bin/sh/parser.hh"

#include <algorithm>

#include "userlib/base/text.hh"
#include "userlib/bin/sh/scan.hh"

namespace weft::sh {
namespace {

using Kind = Command::Kind;

// Words that end a list of commands when they stand where a command could.
constexpr std::string_view k_closers[] = {"then", "else", "elif", "fi", "do", "done", "esac", "}"};

// The word without its quotes: a here-document's END is not expanded.
String without_quotes(std::string_view word) {
  String plain;
  for (size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '\'' || word[i] == '"') continue;
    if (word[i] == '\\' && i + 1 < word.size()) ++i;
    plain += word[i];
  }
  return plain;
}

bool is_assignment(std::string_view word) {
  const size_t length = name_length(word, 0);
  return length > 0 && length < word.size() && word[length] == '=';
}

}  // namespace

Ref<Command> Parser::next_line() {
  if (lexer_.peek().kind == Token::Kind::newline) {
    lexer_.take();
    return {};
  }
  if (at_end()) return {};
  Ref<Command> list = parse_list();
  if (failed()) return {};
  const Token& next = lexer_.peek();
  if (next.kind == Token::Kind::newline) {
    lexer_.take();
  } else if (next.kind != Token::Kind::end) {
    return fail_at_next();
  }
  return failed() ? Ref<Command>() : std::move(list);
}

Ref<Command> Parser::fail_at_next() {
  const Token& next = lexer_.peek();
  if (next.kind == Token::Kind::end) {
    lexer_.fail(Reading::unfinished, "the end comes too early");
  } else {
    const std::string_view text = next.kind == Token::Kind::newline ? "newline" : next.text.view();
    lexer_.fail(Reading::wrong, format_string("'{}' makes no sense here", text));
  }
  return {};
}

bool Parser::next_is(std::string_view word) {
  const Token& next = lexer_.peek();
  return next.kind == Token::Kind::word && next.text == word;
}

bool Parser::take_if(std::string_view word) {
  if (!next_is(word)) return false;
  lexer_.take();
  return true;
}

bool Parser::take_symbol_if(std::string_view symbol) {
  if (!lexer_.peek().is(symbol)) return false;
  lexer_.take();
  return true;
}

void Parser::expect(std::string_view word) {
  if (!failed() && !take_if(word)) fail_at_next();
}

void Parser::skip_newlines() {
  while (lexer_.peek().kind == Token::Kind::newline) lexer_.take();
}

bool Parser::ends_list() {
  const Token& next = lexer_.peek();
  if (next.kind == Token::Kind::end || next.is(")") || next.is(";;")) return true;
  return next.kind == Token::Kind::word &&
         std::ranges::any_of(k_closers, [&](auto closer) { return next.text == closer; });
}

String Parser::source_from(size_t start) const {
  std::string_view source = text_.substr(start, lexer_.taken_until() - start);
  while (!source.empty() && is_space(source.back())) source.remove_suffix(1);
  return source;
}

Ref<Command> Parser::parse_list() {
  auto list = make_command(Kind::sequence);
  for (;;) {
    const size_t start = lexer_.peek().start;
    Ref<Command> command = parse_and_or();
    if (failed()) return {};
    if (lexer_.peek().is("&")) {
      auto background = make_command(Kind::background);
      background->source = source_from(start);
      background->parts.push_back(std::move(command));
      command = std::move(background);
    }
    list->parts.push_back(std::move(command));
    if (!take_symbol_if("&") && !take_symbol_if(";")) break;
    if (lexer_.peek().kind == Token::Kind::newline || ends_list()) break;
  }
  if (list->parts.size() == 1) return list->parts[0];
  return list;
}

Ref<Command> Parser::parse_compound() {
  auto list = make_command(Kind::sequence);
  skip_newlines();
  while (!failed() && !ends_list()) {
    list->parts.push_back(parse_list());
    skip_newlines();
  }
  if (failed()) return {};
  if (list->parts.empty()) return fail_at_next();
  if (list->parts.size() == 1) return list->parts[0];
  return list;
}

Ref<Command> Parser::parse_and_or() {
  Ref<Command> left = parse_pipeline();
  for (;;) {
    const bool is_both = lexer_.peek().is("&&");
    if (failed() || (!is_both && !lexer_.peek().is("||"))) return left;
    lexer_.take();
    skip_newlines();
    auto pair = make_command(is_both ? Kind::both : Kind::either);
    pair->parts.push_back(std::move(left));
    pair->parts.push_back(parse_pipeline());
    left = std::move(pair);
  }
}

Ref<Command> Parser::parse_pipeline() {
  const bool negated = take_if("!");
  auto pipeline = make_command(Kind::pipeline);
  const size_t start = lexer_.peek().start;
  do {
    skip_newlines();
    pipeline->parts.push_back(parse_command());
    if (failed()) return {};
  } while (take_symbol_if("|"));
  pipeline->source = source_from(start);
  if (!negated) return pipeline;
  auto command = make_command(Kind::negated);
  command->parts.push_back(std::move(pipeline));
  return command;
}

Ref<Command> Parser::parse_command() {
  if (failed()) return {};
  if (take_symbol_if("(")) {
    auto command = make_command(Kind::subshell);
    command->parts.push_back(parse_compound());
    if (!failed() && !take_symbol_if(")")) return fail_at_next();
    return with_redirections(std::move(command));
  }
  if (take_if("{")) {
    auto command = make_command(Kind::group);
    command->parts.push_back(parse_compound());
    expect("}");
    return with_redirections(std::move(command));
  }
  if (take_if("if")) return with_redirections(parse_branch());
  if (take_if("while")) return with_redirections(parse_loop(false));
  if (take_if("until")) return with_redirections(parse_loop(true));
  if (take_if("for")) return with_redirections(parse_each());
  if (take_if("case")) return with_redirections(parse_choose());
  if (ends_list()) return fail_at_next();
  return parse_simple();
}

Ref<Command> Parser::with_redirections(Ref<Command> command) {
  while (!failed() && parse_redirection(*command)) {
  }
  return command;
}

Ref<Command> Parser::parse_branch() {
  auto command = make_command(Kind::branch);
  for (;;) {
    command->parts.push_back(parse_compound());
    expect("then");
    command->parts.push_back(parse_compound());
    if (failed()) return command;
    if (take_if("elif")) continue;
    if (take_if("else")) command->parts.push_back(parse_compound());
    expect("fi");
    return command;
  }
}

Ref<Command> Parser::parse_body() {
  expect("do");
  Ref<Command> body = parse_compound();
  expect("done");
  return body;
}

Ref<Command> Parser::parse_loop(bool is_until) {
  auto command = make_command(Kind::loop);
  command->is_until = is_until;
  command->parts.push_back(parse_compound());
  command->parts.push_back(parse_body());
  return command;
}

Ref<Command> Parser::parse_each() {
  auto command = make_command(Kind::each);
  command->name = lexer_.peek().text;
  if (lexer_.peek().kind != Token::Kind::word || !is_name(command->name)) {
    fail_at_next();
    return command;
  }
  lexer_.take();
  skip_newlines();
  if (take_if("in")) {
    while (lexer_.peek().kind == Token::Kind::word) command->words.push_back(lexer_.take().text);
  } else {
    command->over_arguments = true;
  }
  (void)take_symbol_if(";");
  skip_newlines();
  command->parts.push_back(parse_body());
  return command;
}

Ref<Command> Parser::parse_choose() {
  auto command = make_command(Kind::choose);
  if (lexer_.peek().kind != Token::Kind::word) {
    fail_at_next();
    return command;
  }
  command->words.push_back(lexer_.take().text);
  skip_newlines();
  expect("in");
  skip_newlines();
  while (!failed() && !next_is("esac")) {
    Choice choice;
    (void)take_symbol_if("(");
    do {
      if (lexer_.peek().kind != Token::Kind::word) {
        fail_at_next();
        return command;
      }
      choice.patterns.push_back(lexer_.take().text);
    } while (take_symbol_if("|"));
    if (!take_symbol_if(")")) {
      fail_at_next();
      return command;
    }
    skip_newlines();
    if (!next_is("esac") && !lexer_.peek().is(";;")) choice.body = parse_compound();
    command->choices.push_back(std::move(choice));
    if (!take_symbol_if(";;")) break;
    skip_newlines();
  }
  expect("esac");
  return command;
}

Ref<Command> Parser::parse_function(String name) {
  auto command = make_command(Kind::function);
  command->name = std::move(name);
  if (!take_symbol_if(")")) return fail_at_next();
  skip_newlines();
  command->parts.push_back(parse_command());
  return command;
}

Ref<Command> Parser::parse_simple() {
  auto command = make_command(Kind::simple);
  for (;;) {
    if (parse_redirection(*command)) continue;
    if (failed()) return {};
    if (lexer_.peek().kind != Token::Kind::word) break;
    String word = lexer_.take().text;
    if (command->words.empty() && is_assignment(word)) {
      command->assignments.push_back(std::move(word));
      continue;
    }
    if (command->words.empty() && command->assignments.empty() && is_name(word) &&
        take_symbol_if("(")) {
      return parse_function(std::move(word));
    }
    command->words.push_back(std::move(word));
  }
  if (command->words.empty() && command->assignments.empty() && command->redirections.empty()) {
    return fail_at_next();
  }
  return command;
}

// One redirection, if one comes next.
bool Parser::parse_redirection(Command& command) {
  using enum Redirection::Kind;
  int fd = -1;
  if (lexer_.peek().kind == Token::Kind::descriptor) {
    fd = static_cast<int>(parse_number(lexer_.take().text).value_or(-1));
  }
  const Token& next = lexer_.peek();
  if (next.kind != Token::Kind::symbol || (next.text[0] != '<' && next.text[0] != '>'))
    return false;
  const String symbol = lexer_.take().text;
  if (lexer_.peek().kind != Token::Kind::word && lexer_.peek().kind != Token::Kind::descriptor) {
    fail_at_next();
    return false;
  }
  Redirection redirection{read, fd >= 0 ? fd : (symbol[0] == '<' ? 0 : 1), lexer_.take().text, {}};
  if (symbol == ">" || symbol == ">|") redirection.kind = write;
  if (symbol == ">>") redirection.kind = append;
  if (symbol == "<>") redirection.kind = read_write;
  if (symbol == ">&" || symbol == "<&") redirection.kind = duplicate;
  if (symbol == "<<" || symbol == "<<-") {
    redirection.kind = here_document;
    redirection.document = Ref<HereDocument>::adopt(new HereDocument);
    const String delimiter = without_quotes(redirection.word);
    redirection.document->expands = delimiter == redirection.word;
    lexer_.expect_document(redirection.document, delimiter, symbol == "<<-");
  }
  command.redirections.push_back(std::move(redirection));
  return true;
}

size_t end_of_commands(std::string_view text, size_t at) {
  Parser parser(text, at, false);
  parser.skip_newlines();
  while (!parser.failed() && !parser.lexer_.peek().is(")")) {
    if (parser.at_end()) return k_unfinished;
    (void)parser.parse_list();
    parser.skip_newlines();
  }
  if (parser.failed()) return k_unfinished;
  parser.lexer_.take();
  return parser.lexer_.taken_until();
}

}  // namespace weft::sh
