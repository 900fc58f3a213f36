// env [-i] [NAME=VALUE...] [COMMAND...], and nice [-n N] COMMAND...: a program in another setting.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/system/launch.hh"
#include "userlib/sys/auxiliary.hh"

namespace weft {
namespace {

void put(Vector<String>& environment, std::string_view entry) {
  const std::string_view name = entry.substr(0, entry.find('=') + 1);
  for (String& old : environment) {
    if (old.starts_with(name)) {
      old = entry;
      return;
    }
  }
  environment.push_back(entry);
}

}  // namespace

int env_main(Arguments arguments) {
  bool starts_empty = false;
  OptionParser options(arguments, "i");
  while (options.next()) starts_empty = true;
  if (options.wrong()) return 2;
  Arguments rest = options.rest();
  Vector<String> environment;
  if (!starts_empty) {
    for (const char* entry : sys::start_environment()) environment.push_back(entry);
  }
  for (; !rest.empty() && std::string_view(rest[0]).contains('='); rest = rest.subspan(1))
    put(environment, rest[0]);
  if (rest.empty()) {
    for (const String& entry : environment) print("{}\n", entry.view());
    return 0;
  }
  Vector<char*> entries;
  for (String& entry : environment) entries.push_back(entry.data());
  entries.push_back(nullptr);
  const Errno error = become(rest, entries.data());
  complain(arguments, rest[0], error);
  return status_for(error);
}

int nice_main(Arguments arguments) {
  int64_t change = 10;
  OptionParser options(arguments, "n:");
  while (const auto option = options.next()) change = parse_number(option->value).value_or(change);
  if (options.wrong()) return 2;
  // getpriority answers with 20 minus the nice value, so that it is never below zero.
  const int64_t old = 20 - sys::getpriority(abi::k_prio_process, 0).value_or(20);
  if (options.rest().empty()) {
    print("{}\n", old);
    return 0;
  }
  const auto done = sys::setpriority(abi::k_prio_process, 0, static_cast<int>(old + change));
  if (!done) complain(arguments, "priority", done.error());
  const Errno error = become(options.rest());
  complain(arguments, options.rest()[0], error);
  return status_for(error);
}

}  // namespace weft
