// Who is who: numbers of processes and threads, and users. There is one user, 0.
#include "syscall/handlers.hh"

namespace weft::syscall {

Result<uint64_t> sys_getpid(Context& context) { return static_cast<uint64_t>(context.process.pid); }
Result<uint64_t> sys_gettid(Context& context) { return static_cast<uint64_t>(context.thread.tid); }

Result<uint64_t> sys_getppid(Context& context) {
  return static_cast<uint64_t>(context.process.parent_pid.load(relaxed));
}

Result<uint64_t> sys_getuid(Context&) { return 0; }
Result<uint64_t> sys_getgid(Context&) { return 0; }
Result<uint64_t> sys_geteuid(Context&) { return 0; }
Result<uint64_t> sys_getegid(Context&) { return 0; }

}  // namespace weft::syscall
