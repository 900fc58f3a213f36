#include "core/sched/cpu.hh"

namespace weft::sched {

[[clang::no_destroy]] std::array<Cpu, hal::k_max_cpus> cpus;

void request_reschedule(Cpu& cpu) {
  if (is_this_cpu(cpu)) {
    hal::current()->wants_reschedule = true;
  } else {
    cpu.queue.reschedule_asked = true;  // upcall::on_kick() there sees it
    hal::kick_cpu(cpu.id);
  }
}

void request_turn_end(Cpu& cpu, Instant end) {
  if (is_this_cpu(cpu)) {
    cpu.arm_no_later_than(end);
  } else {
    hal::kick_cpu(cpu.id);  // only a CPU itself can arm its timer
  }
}

}  // namespace weft::sched
