// Children of a server that is made of processes.
#pragma once

#include "core/base/result.hh"
#include "userlib/process/process.hh"

namespace weft::http {

// Calls work() in a child of this process; its answer is the child's exit status. Nobody has a handle of it:
// wait_for_child() tells of all.
template <typename Work>
Result<> start_child(Work work) {
  TRY(process::run(work)).detach();
  return {};
}

// Waits for the end of any child: how it ended. Errno::child: there is none.
Result<exit_status> wait_for_child();

}  // namespace weft::http
