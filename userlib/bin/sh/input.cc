#include "userlib/bin/sh/input.hh"

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/sh/execute.hh"
#include "userlib/bin/sh/parser.hh"

namespace weft::sh {
namespace {

void complain(Shell& shell, const Parser& parser) {
  out.flush();
  print_error("{}: syntax: {}\n", shell.name.view(), parser.message().view());
  shell.give_up(2);
}

// One line, with its newline. Empty at the end.
String read_line(int fd) {
  String line;
  char c;
  for (;;) {
    const auto count = sys::read(fd, &c, 1);
    if (!count && count.error() == Errno::intr) continue;
    if (!count || *count == 0) return line;
    line += c;
    if (c == '\n') return line;
  }
}

}  // namespace

int run_text(Shell& shell, std::string_view text) {
  int status = 0;
  Parser parser(text, 0, true);
  while (shell.leaving == Leaving::no) {
    const Ref<Command> command = parser.next_line();
    if (parser.reading() != Reading::fine) {
      complain(shell, parser);
      return shell.status;
    }
    if (command) {
      status = run(shell, *command);
    } else if (parser.at_end()) {
      break;
    }
  }
  return shell.leaving == Leaving::no ? status : shell.status;
}

std::optional<int> run_file(Shell& shell, const char* path) {
  const auto text = read_file(path);
  if (!text) return std::nullopt;
  return run_text(shell, *text);
}

void run_descriptor(Shell& shell, int fd) {
  String text;
  while (shell.leaving == Leaving::no) {
    const String line = read_line(fd);
    text += line;
    Parser parser(text, 0, line.empty());
    const Ref<Command> command = parser.next_line();
    if (parser.reading() == Reading::unfinished && !line.empty()) continue;
    if (parser.reading() != Reading::fine) {
      complain(shell, parser);
      return;
    }
    if (command) (void)run(shell, *command);
    if (line.empty()) return;
    text.clear();
  }
}

}  // namespace weft::sh
