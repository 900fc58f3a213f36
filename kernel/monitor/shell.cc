#include "monitor/shell.hh"

#include <algorithm>
#include <array>

#include "monitor/console.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr size_t k_most_words = 16;

// Takes the text up to the separator off the front of `rest`.
std::string_view take_part(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

Status run_command(Sink& out, std::string_view text) {
  std::array<std::string_view, k_most_words> words;
  size_t count = 0;
  while (!text.empty()) {
    const std::string_view word = take_part(text, ' ');
    if (word.empty()) continue;
    if (count == k_most_words) {
      say(out, "a command has at most {} words", k_most_words);
      return k_failure;
    }
    words[count++] = word;
  }
  if (count == 0) return k_success;
  const auto commands = all_commands();
  const auto command = std::ranges::find(commands, words[0], &Command::name);
  if (command == commands.end()) {
    say(out, "{}: no such command; 'help' lists what there is", words[0]);
    return k_failure;
  }
  return command->run(out, Words(words).first(count));
}

}  // namespace

Status run_line(Sink& out, std::string_view line) {
  Status status = k_success;
  while (!line.empty()) status = run_command(out, take_part(line, ';'));
  return status;
}

std::string_view complete_word(std::string_view before, size_t index) {
  const size_t start = before.rfind(';') + 1;  // npos + 1 is 0
  const std::string_view command =
      before.substr(std::min(before.find_first_not_of(' ', start), before.size()));
  if (command.empty()) {
    const auto commands = all_commands();
    return index < commands.size() ? commands[index].name : std::string_view{};
  }
  if (command.starts_with("demo ")) {
    const auto demos = all_demos();
    return index < demos.size() ? demos[index]->name : std::string_view{};
  }
  return {};
}

}  // namespace weft::monitor
