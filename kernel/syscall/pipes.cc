// Pipes: two files at once.
#include "core/ipc/pipe_file.hh"
#include "syscall/descriptors.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {

Result<uint64_t> sys_pipe2(Context& context, UserOut<int32_t> ends, uint32_t flags) {
  ipc::PipeEnds made = TRY(ipc::make_pipe(flags & abi::k_o_nonblock));
  const bool close_on_exec = (flags & abi::k_o_cloexec) != 0;
  TRY(add_descriptors(context, std::move(made.reader), std::move(made.writer), close_on_exec,
                      ends));
  return 0;
}

}  // namespace weft::syscall
