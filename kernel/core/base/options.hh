// The kernel's command line: words such as sched=rr or cmd="mem; cpus". Each option has one place, one
// meaning and a default; whatever else stands there is an error that says what and why.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/format.hh"
#include "core/base/log.hh"

namespace weft {

inline constexpr std::array<std::string_view, 4> k_policy_names{"rr", "prio", "mlfq", "fair"};
inline constexpr unsigned k_most_cpus_option = 16;

// All texts are parts of the command line that was parsed.
struct Options {
  std::string_view policy = "fair";         // sched=   one of k_policy_names
  log::Level log_level = log::Level::info;  // log=     error, warn, info or debug
  unsigned cpus = k_most_cpus_option;       // cpus=    use so many at most
  std::string_view command;                 // cmd=     run this instead of showing a prompt
  std::string_view test;                    // test=    the self-tests to run, with commas between
  std::optional<bool> trace;     // trace=   on or off; the build says what is the default
  uint64_t trace_size = 0;       // trace=   or a size such as 32M: streamed to the host
  bool trace_arguments = false;  // strace=  on: system calls with all their arguments
  uint64_t seed = 1;             // seed=    for all that is random in tests
};

using OptionError = Text<160>;

struct CommandLine {
  Options options;
  std::string_view nonce;  // nonce=  for the report channel only, so not among the options
  std::optional<OptionError> error;  // the first that was found
};

// A word or a value with blanks in it stands in double quotes: cmd="a b" or "cmd=a b". Of an option
// given twice, the last counts. What stands behind an error is read all the same.
CommandLine parse_command_line(std::string_view line);

// What this kernel was told. Set once, before there are threads.
extern Options kernel_options;

}  // namespace weft
