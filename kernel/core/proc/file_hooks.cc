#include "core/proc/file_hooks.hh"

#include "core/fs/process_hooks.hh"
#include "core/proc/process.hh"
#include "core/proc/signal.hh"

namespace weft::proc {

void fill_file_hooks() {
  fs::process_hooks.file_size_limit = [] {
    return current_thread().process.limits.soft(abi::k_rlimit_fsize);
  };
  fs::process_hooks.file_size_exceeded = [] {
    (void)send_to_thread(current_thread(), info_from_kernel(abi::k_sigxfsz));
  };
}

}  // namespace weft::proc
