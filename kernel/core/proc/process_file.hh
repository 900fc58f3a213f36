// A process as a descriptor (pidfd): it can be polled for the process's end, waited for, and signalled
// without fear that its number belongs to another one by now.
#pragma once

#include "core/proc/process.hh"

namespace weft::proc {

// The lowest free number of the owner's becomes the child's, closed on exec. `flags` are those of
// pidfd_open(). Errno::mfile, Errno::nomem.
Result<int32_t> add_process_file(Process& owner, Process& process, uint32_t flags);
// The process that a descriptor stands for. Errno::badf, also for a descriptor of another kind.
struct FoundProcess {
  Ref<Process> process;
  bool is_nonblocking;
};
Result<FoundProcess> find_process_of_file(Process& owner, int32_t fd);
// As pidfd_open(): Errno::inval, Errno::srch, and those above.
Result<int32_t> open_process(Process& owner, int32_t pid, uint32_t flags);

}  // namespace weft::proc
