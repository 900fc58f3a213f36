// ps [-l]: the processes, with their states.
#include "userlib/base/print.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/system/processes.hh"

namespace weft {

int ps_main(Arguments arguments) {
  // ps aux, ps -ef: people type what they are used to; all processes are shown anyway.
  const bool with_groups = arguments.size() > 1 && std::string_view(arguments[1]).contains('l');
  print("  PID  PPID {}STATE    CPU NI THR    RSS     TIME COMMAND\n",
        with_groups ? " PGID   SID " : "");
  for (const ProcessInfo& process : all_processes()) {
    print("{:5} {:5} ", process.pid, process.parent);
    if (with_groups) print("{:5} {:5} ", process.group, process.session);
    print("{:<8} {:3} {:2} {:3} {:6} {:>8} {}\n", state_name(process.state), process.cpu,
          process.nice, process.threads, process.resident / 1024,
          cpu_time_text(process.ticks).view(), process.command.view());
  }
  return 0;
}

}  // namespace weft
