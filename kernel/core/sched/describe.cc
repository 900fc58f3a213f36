#include "core/sched/describe.hh"

#include "core/base/format.hh"
#include "core/sched/cpu.hh"
#include "core/sync/lock_check.hh"
#include "core/trace/trace.hh"

namespace weft::sched {

void describe_current() {
  const Thread& self = *hal::current();
  hal::write_log(Text<120>("thread:  {} \"{}\", priority {}, {}\n", self.id(), self.name(),
                           self.effective_priority(), state_name(self.state, self.block_reason))
                     .view());
  write_held_locks();
  trace::write_last(16);
}

}  // namespace weft::sched
