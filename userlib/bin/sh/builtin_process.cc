// Builtins about the shell's own process.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/builtins.hh"

namespace weft::sh {
namespace {

String current_folder() {
  char room[4096];
  const auto length = sys::getcwd(room, sizeof room);
  return length ? String(room) : String("?");
}

// The path without "." and "..", as `pwd` shows it: a shell remembers by which names it came.
String tidy(std::string_view path) {
  Vector<std::string_view> steps;
  for (const std::string_view step : split(path, '/')) {
    if (step == "..") {
      if (!steps.empty()) steps.pop_back();
    } else if (!step.empty() && step != ".") {
      steps.push_back(step);
    }
  }
  String result;
  for (const std::string_view step : steps) result = result + "/" + step;
  return result.empty() ? String("/") : result;
}

// "0m1.250s"
String as_minutes(const abi::Timeval& time) {
  return format_string("{}m{}.{:03}s", time.seconds / 60, time.seconds % 60,
                       time.microseconds / 1000);
}

}  // namespace

int builtin_cd(Shell& shell, Words words) {
  const size_t first =
      words.size() > 1 && (words[1] == "-L" || words[1] == "-P" || words[1] == "--") ? 2 : 1;
  const bool goes_back = words.size() > first && words[first] == "-";
  String target;
  if (goes_back) {
    target = shell.variables.get("OLDPWD").value_or("");
    if (target.empty()) return misuse(words, "OLDPWD is not set");
  } else {
    target =
        words.size() > first ? words[first] : String(shell.variables.get("HOME").value_or("/"));
  }
  String old = shell.variables.get("PWD").value_or("");
  if (old.empty()) old = current_folder();
  const String wanted = target.starts_with("/") ? target : join_path(old, target);
  const auto done = sys::chdir(target.c_str());
  if (!done) {
    out.flush();
    print_error("sh: cd: {}: {}\n", target.view(), describe(done.error()));
    return 2;
  }
  (void)shell.variables.set("OLDPWD", old);
  (void)shell.variables.set("PWD",
                            first == 2 && words[1] == "-P" ? current_folder() : tidy(wanted));
  if (goes_back) print("{}\n", shell.variables.get("PWD").value_or(""));
  return 0;
}

int builtin_pwd(Shell& shell, Words words) {
  const bool is_physical = words.size() > 1 && words[1] == "-P";
  String path = is_physical ? String() : String(shell.variables.get("PWD").value_or(""));
  // The name that we remember may lead somewhere else by now.
  const auto remembered = status_of(path.c_str());
  const auto here = status_of(".");
  const bool is_same =
      remembered && here && remembered->device == here->device && remembered->inode == here->inode;
  print("{}\n", is_same ? path.view() : current_folder().view());
  return 0;
}

int builtin_umask(Shell&, Words words) {
  if (words.size() > 1) {
    const auto mask = parse_number(words[1], 8);
    if (!mask || *mask < 0 || *mask > 0777) return misuse(words, "an octal number is wanted");
    (void)sys::umask(static_cast<uint32_t>(*mask));
    return 0;
  }
  const auto mask = sys::umask(0);
  if (!mask) return 1;
  (void)sys::umask(static_cast<uint32_t>(*mask));
  print("0{}{}{}\n", *mask >> 6 & 7, *mask >> 3 & 7, *mask & 7);
  return 0;
}

int builtin_times(Shell&, Words) {
  for (const int32_t who : {static_cast<int32_t>(abi::k_rusage_self), abi::k_rusage_children}) {
    abi::ResourceUsage usage;
    if (!sys::getrusage(who, &usage)) return 1;
    print("{} {}\n", as_minutes(usage.user_time).view(), as_minutes(usage.system_time).view());
  }
  return 0;
}

}  // namespace weft::sh
