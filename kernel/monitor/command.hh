// Command: something that can be typed at the prompt. The table of all is in commands.cc.
#pragma once

#include <span>
#include <string_view>

#include "core/base/format.hh"

namespace weft::monitor {

// The words of a command; the first is its name.
using Words = std::span<const std::string_view>;

// What a command ends with, as a program does: 0 says that all is well.
using Status = int;
inline constexpr Status k_success = 0;
inline constexpr Status k_failure = 1;

struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view summary;
  Status (*run)(Sink& out, Words words);
};

std::span<const Command> all_commands();

// Says how a command is used, and fails.
Status refuse(Sink& out, Words words);

// What the table's entries call, by the file they are in.
Status show_help(Sink& out, Words words);     // commands.cc
Status show_threads(Sink& out, Words words);  // show.cc
Status show_cpus(Sink& out, Words words);
Status show_memory(Sink& out, Words words);
Status show_policy(Sink& out, Words words);
Status control_trace(Sink& out, Words words);  // control.cc
Status cause_panic(Sink& out, Words words);
Status power_off(Sink& out, Words words);
Status run_demos(Sink& out, Words words);  // demos/demos.cc

}  // namespace weft::monitor
