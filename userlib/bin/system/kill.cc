// kill [-SIGNAL | -s SIGNAL] PID...; kill -l: the signals' names.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace {

int list_signals(Arguments numbers) {
  if (!numbers.empty()) {
    for (const char* word : numbers) {
      const auto number = parse_number(word);
      // Of a status above 128, the signal that it speaks of.
      if (number)
        print("{}\n", signal_name(static_cast<int>(*number > 128 ? *number - 128 : *number)));
    }
    return 0;
  }
  for (int signal = 1; signal <= abi::k_sigsys; ++signal)
    print("{:>2} {}\n", signal, signal_name(signal));
  return 0;
}

}  // namespace

int kill_main(Arguments arguments) {
  int signal = abi::k_sigterm;
  size_t at = 1;
  if (arguments.size() > 1) {
    const std::string_view first = arguments[1];
    if (first == "-l") return list_signals(arguments.subspan(2));
    std::string_view name;
    if (first == "-s" && arguments.size() > 2) {
      name = arguments[2];
      at = 3;
    } else if (first.size() > 1 && first[0] == '-' && first != "--") {
      name = first.substr(1);
      at = 2;
    }
    if (!name.empty()) {
      const auto found = parse_signal(name);
      if (!found) return complain(arguments, "there is no such signal");
      signal = *found;
    }
    if (at < arguments.size() && std::string_view(arguments[at]) == "--") ++at;
  }
  if (at == arguments.size()) return complain(arguments, "which process?");
  int status = 0;
  for (; at < arguments.size(); ++at) {
    const auto pid = parse_number(arguments[at]);
    if (!pid) {
      status = complain(arguments, "a process's number is wanted");
      continue;
    }
    const auto sent = sys::kill(static_cast<int32_t>(*pid), signal);
    if (!sent) status = complain(arguments, arguments[at], sent.error());
  }
  return status;
}

}  // namespace weft
