#include "monitor/command.hh"

#include <algorithm>
#include <array>

#include "monitor/console.hh"

namespace weft::monitor {
namespace {

constexpr std::array k_commands{
    Command{"help", "", "this list", show_help},
    Command{"threads", "", "all threads: state, CPU, priority, time used", show_threads},
    Command{"cpus", "", "what each CPU does and has done", show_cpus},
    Command{"mem", "", "where the memory is", show_memory},
    Command{"sched", "", "the scheduling policy", show_policy},
    Command{"demo", "[NAME... | all]", "show an idea at work; without a name, the list", run_demos},
    Command{"trace", "on | off | show", "the record of the last events on this CPU", control_trace},
    Command{"panic", "", "stop the kernel as a bug would, to see what it says", cause_panic},
    Command{"poweroff", "[STATUS]", "switch the machine off, with a status from 0 to 63",
            power_off},
};

void show(Sink& out, const Command& command) {
  Text<40> usage("{} {}", command.name, command.arguments);
  say(out, "  {:<24}{}", usage.view(), command.summary);
}

}  // namespace

std::span<const Command> all_commands() { return k_commands; }

Status refuse(Sink& out, Words words) {
  const auto command = std::ranges::find(k_commands, words[0], &Command::name);
  say(out, "{}: this is how it is used:", words[0]);
  show(out, *command);
  return k_failure;
}

Status show_help(Sink& out, Words words) {
  if (words.size() != 1) return refuse(out, words);
  for (const Command& command : k_commands) show(out, command);
  say(out, "Several commands on a line are separated by ';'. Tab completes names.");
  return k_success;
}

}  // namespace weft::monitor
