#include "core/sched/cpu.hh"

#include "core/trace/trace.hh"

namespace weft::sched {

[[clang::no_destroy]] std::array<Cpu, hal::k_max_cpus> cpus;

void request_reschedule(Cpu& cpu) {
  if (is_this_cpu(cpu)) {
    hal::current()->wants_reschedule = true;
  } else {
    cpu.queue.reschedule_asked = true;  // upcall::on_kick() there sees it
    trace::record(trace::Kind::kicks, 0, 0, cpu.id);
    hal::kick_cpu(cpu.id);
  }
}

}  // namespace weft::sched
