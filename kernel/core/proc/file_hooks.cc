#include "core/proc/file_hooks.hh"

#include "core/fs/process_hooks.hh"
#include "core/proc/process_tree.hh"

namespace weft::proc {

void connect_files() {
  fs::process_hooks = {
      .file_size_limit = [] { return current_thread().process.limits.soft(abi::k_rlimit_fsize); },
      .file_size_exceeded =
          [] {
            (void)send_to_thread(current_thread(), info_from_user(abi::k_sigxfsz, abi::k_si_user));
          },
  };
}

}  // namespace weft::proc
