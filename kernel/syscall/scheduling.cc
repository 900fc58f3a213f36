// Who runs when.
#include "core/sched/scheduler.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {

Result<uint64_t> sys_sched_yield(Context&) {
  sched::yield();
  return 0;
}

}  // namespace weft::syscall
