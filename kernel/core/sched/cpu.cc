#include "core/sched/cpu.hh"
#include "core/trace/trace.hh"

namespace weft::sched {

[[clang::no_destroy]] std::array<Cpu, hal::k_max_cpus> cpus;

void request_reschedule(Cpu& cpu) {
  if (&cpu == &this_cpu()) {
    hal::current()->wants_reschedule = true;
  } else {
    cpu.queue.reschedule_asked = true;  // upcall::on_kick() there sees it
    trace::record(trace::Kind::kicks, 0, 0, cpu.id);
    hal::kick_cpu(cpu.id);
  }
}

void request_turn_end(Cpu& cpu, Instant now) {
  if (&cpu == &this_cpu()) {
    cpu.arm_no_later_than(now + cpu.queue.policy().turn_left(*cpu.queue.running()));
  } else {
    trace::record(trace::Kind::kicks, 0, 0, cpu.id);
    hal::kick_cpu(cpu.id);  // only a CPU itself can arm its timer
  }
}

}  // namespace weft::sched
