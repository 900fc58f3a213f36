#include "userlib/bin/system/launch.hh"

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/sys/auxiliary.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/process.hh"

namespace weft {

Errno become(Arguments words, char* const* environment) {
  Vector<const char*> arguments;
  for (const char* word : words) arguments.push_back(word);
  arguments.push_back(nullptr);
  if (environment == nullptr) environment = sys::start_environment().data();
  const std::string_view name = words[0];
  if (name.contains('/')) return sys::execve(words[0], arguments.data(), environment).error();
  Errno error = Errno::noent;
  for (const std::string_view folder :
       split(sys::environment_value("PATH").value_or("/bin:/usr/bin"), ':')) {
    const String path = join_path(folder, name);
    const Errno failure = sys::execve(path.c_str(), arguments.data(), environment).error();
    if (failure != Errno::noent && failure != Errno::notdir) error = failure;
  }
  return error;
}

Result<int> run_and_wait(Arguments words) {
  out.flush();
  const int32_t pid = TRY(sys::fork());
  if (pid == 0) {
    const Errno error = become(words);
    complain(words, words[0], error);
    weft::exit(status_for(error));
  }
  int wait_status = 0;
  for (;;) {
    auto waited = sys::wait4(pid, &wait_status, 0, nullptr);
    if (waited) return wait_status;
    if (waited.error() != Errno::intr) return fail(waited.error());
  }
}

int status_for(int wait_status) {
  return sys::has_exited(wait_status) ? sys::exit_code(wait_status)
                                      : 128 + sys::killing_signal(wait_status);
}

int status_for(Errno error) { return error == Errno::noent ? 127 : 126; }

}  // namespace weft
