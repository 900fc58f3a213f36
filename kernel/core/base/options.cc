#include "core/base/options.hh"

#include <algorithm>
#include <optional>

namespace weft {

constinit Options kernel_options;

namespace {

constexpr std::string_view k_blanks = " \t\r\n";

using Problem = std::optional<OptionError>;

// ---- Values ------------------------------------------------------------------------------------

// Decimal, or hexadecimal with 0x.
std::optional<uint64_t> read_number(std::string_view text) {
  const bool is_hexadecimal = text.starts_with("0x");
  if (is_hexadecimal) text.remove_prefix(2);
  const uint64_t base = is_hexadecimal ? 16 : 10;
  if (text.empty()) return std::nullopt;
  uint64_t number = 0;
  for (const char c : text) {
    uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint64_t>(c - '0');
    } else if (is_hexadecimal && c >= 'a' && c <= 'f') {
      digit = static_cast<uint64_t>(c - 'a') + 10;
    } else {
      return std::nullopt;
    }
    if (number > (~uint64_t{0} - digit) / base) return std::nullopt;
    number = number * base + digit;
  }
  return number;
}

std::optional<log::Level> read_level(std::string_view text) {
  if (text == "error") return log::Level::error;
  if (text == "warn") return log::Level::warn;
  if (text == "info") return log::Level::info;
  if (text == "debug") return log::Level::debug;
  return std::nullopt;
}

// ---- Options: each has a function that takes its value --------------------------------------------

Problem take_policy(CommandLine& line, std::string_view value) {
  if (std::ranges::find(k_policy_names, value) == k_policy_names.end()) {
    return OptionError("sched={}: it is one of rr, prio, mlfq, fair", value);
  }
  line.options.policy = value;
  return {};
}

Problem take_log_level(CommandLine& line, std::string_view value) {
  const auto level = read_level(value);
  if (!level) return OptionError("log={}: it is one of error, warn, info, debug", value);
  line.options.log_level = *level;
  return {};
}

Problem take_cpus(CommandLine& line, std::string_view value) {
  const auto number = read_number(value);
  if (!number || *number < 1 || *number > k_most_cpus_option) {
    return OptionError("cpus={}: it is a number from 1 to {}", value, k_most_cpus_option);
  }
  line.options.cpus = static_cast<unsigned>(*number);
  return {};
}

Problem take_seed(CommandLine& line, std::string_view value) {
  const auto number = read_number(value);
  if (!number) return OptionError("seed={}: it is a number, decimal or with 0x", value);
  line.options.seed = *number;
  return {};
}

Problem take_command(CommandLine& line, std::string_view value) {
  line.options.command = value;
  return {};
}

Problem take_test(CommandLine& line, std::string_view value) {
  line.options.test = value;
  return {};
}

// A number of MiB.
std::optional<uint64_t> read_size(std::string_view text) {
  if (!text.ends_with('M')) return std::nullopt;
  const auto number = read_number(text.substr(0, text.size() - 1));
  if (!number || *number == 0 || *number > 4096) return std::nullopt;
  return *number << 20;
}

Problem take_trace(CommandLine& line, std::string_view value) {
  const auto size = read_size(value);
  if (!size && value != "on" && value != "off") {
    return OptionError("trace={}: it is on, off, or a size such as 32M (to 4096M)", value);
  }
  line.options.trace = value != "off";
  line.options.trace_size = size.value_or(0);
  return {};
}

Problem take_strace(CommandLine& line, std::string_view value) {
  if (value != "on" && value != "off") return OptionError("strace={}: it is on or off", value);
  line.options.trace_arguments = value == "on";
  return {};
}

Problem take_nonce(CommandLine& line, std::string_view value) {
  line.nonce = value;
  return {};
}

struct KnownOption {
  std::string_view name;
  Problem (*take)(CommandLine& line, std::string_view value);
};

constexpr std::array<KnownOption, 9> k_known_options{{
    {"sched", take_policy},
    {"log", take_log_level},
    {"cpus", take_cpus},
    {"cmd", take_command},
    {"test", take_test},
    {"trace", take_trace},
    {"strace", take_strace},
    {"seed", take_seed},
    {"nonce", take_nonce},
}};

// ---- Words --------------------------------------------------------------------------------------

// Takes the next word off the front of `rest`; blanks inside quotes belong to it. Nothing if a quote
// isn't closed.
std::optional<std::string_view> take_word(std::string_view& rest) {
  bool is_quoted = false;
  size_t end = 0;
  for (; end < rest.size(); ++end) {
    if (rest[end] == '"') is_quoted = !is_quoted;
    if (!is_quoted && k_blanks.contains(rest[end])) break;
  }
  if (is_quoted) return std::nullopt;
  const std::string_view word(rest.data(), end);
  rest.remove_prefix(end);
  return word;
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

Problem take_option(CommandLine& line, std::string_view word) {
  word = without_quotes(word);
  const size_t equals = word.find('=');
  if (equals == word.npos) {
    return OptionError("{}: options have the form name=value", word);
  }
  const std::string_view name = word.substr(0, equals);
  const auto known = std::ranges::find(k_known_options, name, &KnownOption::name);
  if (known == k_known_options.end()) {
    return OptionError("{}: there is no such option; there are sched, log, cpus, cmd, test, seed",
                       name);
  }
  return known->take(line, without_quotes(word.substr(equals + 1)));
}

}  // namespace

CommandLine parse_command_line(std::string_view rest) {
  CommandLine line;
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(k_blanks), rest.size()));
    if (rest.empty()) return line;
    const auto word = take_word(rest);
    const Problem problem =
        word ? take_option(line, *word) : OptionError("{}: a quote is opened and not closed", rest);
    if (problem && !line.error) line.error.emplace(*problem);
    if (!word) return line;
  }
}

}  // namespace weft
