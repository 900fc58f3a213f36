// A handler runs and comes back to where the signal came; vfork's child and parent both return.
#include "userlib/base/print.hh"
#include "userlib/sys/process.hh"
#include "userlib/syscalls.hh"

using namespace weft;

namespace {

thread_local int seen = 0;

void note(int signal) { seen = signal; }

[[gnu::noinline]] int32_t child_that_exits(int status) {
  const int64_t pid = weft_vfork();
  if (pid == 0) sys::exit_group(status);
  return static_cast<int32_t>(pid);
}

}  // namespace

int main(int, char**) {
  double fraction = 0.25;
  (void)sys::on_signal(abi::k_sigusr1, note, 0);
  const int32_t self = sys::getpid().value();
  (void)sys::kill(self, abi::k_sigusr1);
  print("seen {}, and {} is still a quarter\n", seen, fraction == 0.25 ? "this" : "nothing");
  (void)sys::ignore_signal(abi::k_sigusr1);
  (void)sys::kill(self, abi::k_sigusr1);
  print("ignored\n");

  const int32_t pid = child_that_exits(9);
  int wait_status = 0;
  const auto waited = sys::wait4(pid, &wait_status, 0, nullptr);
  print("child {}, exited {}, code {}\n", waited.value() == pid, sys::has_exited(wait_status),
        sys::exit_code(wait_status));
  print("error: {}\n", sys::close(99).error());
  return 0;
}
