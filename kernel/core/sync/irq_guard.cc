#include "core/sync/irq_guard.hh"

#include "core/sched/scheduler.hh"

namespace weft {

void restore_interrupts(bool were_on) {
  if (were_on) allow_interrupts(*hal::current());
}

void allow_interrupts(Thread& self) {
  hal::irq_restore(true);
  if (self.wants_reschedule && self.preempt_depth == 0) [[unlikely]]
    sched::preempt();
}

PreemptGuard::PreemptGuard() { ++hal::current()->preempt_depth; }

PreemptGuard::~PreemptGuard() {
  Thread& self = *hal::current();
  --self.preempt_depth;
  if (self.wants_reschedule && self.preempt_depth == 0 && hal::irq_enabled()) sched::preempt();
}

}  // namespace weft
