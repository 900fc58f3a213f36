#include "userlib/bin/sh/launch.hh"

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"

namespace weft::sh {
namespace {

constexpr std::string_view k_default_path = "/bin:/usr/bin";

Vector<const char*> as_pointers(const Vector<String>& texts) {
  Vector<const char*> pointers;
  for (const String& text : texts) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

// A text file that can be executed but doesn't name its interpreter is a script of ours.
int run_as_script(Shell& shell, const String& path, const Vector<String>& words) {
  shell.name = path;
  shell.arguments.clear();
  for (size_t i = 1; i < words.size(); ++i) shell.arguments.push_back(words[i]);
  const auto status = run_file(shell, path.c_str());
  if (status) return *status;
  print_error("{}: cannot execute\n", path.view());
  return 126;
}

}  // namespace

std::optional<String> find_program(const Shell& shell, std::string_view name) {
  if (name.contains('/')) return String(name);
  for (const std::string_view directory :
       split(shell.variables.get("PATH").value_or(k_default_path), ':')) {
    const String path = join_path(directory.empty() ? "." : directory, name);
    const auto status = status_of(path.c_str());
    if (status && !is_directory(*status) && (status->mode & 0111) != 0) return path;
  }
  return std::nullopt;
}

int execute(Shell& shell, const Vector<String>& words) {
  const auto path = find_program(shell, words[0]);
  if (!path) {
    print_error("{}: {}: not found\n", shell.name.view(), words[0].view());
    return 127;
  }
  const Vector<String> environment = shell.variables.environment();
  if (shell.options.is_interactive) {  // `exec` at the prompt
    (void)sys::setpriority(abi::k_prio_process, 0, shell.niceness);
  }
  const auto failed =
      sys::execve(path->c_str(), as_pointers(words).data(), as_pointers(environment).data());
  if (failed.error() == Errno::noexec) return run_as_script(shell, *path, words);
  print_error("{}: {}: {}\n", shell.name.view(), words[0].view(), describe(failed.error()));
  return failed.error() == Errno::noent ? 127 : 126;
}

}  // namespace weft::sh
