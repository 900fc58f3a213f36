// The texts of /proc, in the forms that Linux gives them.
#pragma once

#include "core/proc/proc_nodes.hh"

namespace weft::proc {

// ---- Of processes and threads (proc_process.cc) -------------------------------------------------
// Errno::srch if the process is gone for good.

Result<> write_stat(Sink& to, const Subject& subject);
Result<> write_statm(Sink& to, const Subject& subject);
Result<> write_status(Sink& to, const Subject& subject);
Result<> write_name(Sink& to, const Subject& subject);
Result<> write_limits(Sink& to, const Subject& subject);
Result<> write_maps(Sink& to, const Subject& subject);
Result<> write_arguments(Sink& to, const Subject& subject);
Result<> write_environment(Sink& to, const Subject& subject);

// ---- Who waits for whom (proc_waits.cc) -----------------------------------------------------------

// One line: "Waiting", for what, and whose numbers could end the wait, where that is known: processes,
// or the one thread that has a lock. Where several files are waited for, a line for each follows, with its
// number. From all lines together follows who waits for whom. Errno::srch.
Result<> write_waits(Sink& to, const Subject& subject);

// ---- Of the machine (proc_machine.cc) -----------------------------------------------------------

Result<> write_memory_info(Sink& to, const Subject&);
Result<> write_uptime(Sink& to, const Subject&);
Result<> write_load(Sink& to, const Subject&);
Result<> write_machine_stat(Sink& to, const Subject&);
Result<> write_cpus(Sink& to, const Subject&);
Result<> write_cpu_range(Sink& to, const Subject&);
Result<> write_version(Sink& to, const Subject&);
Result<> write_mounts(Sink& to, const Subject&);
Result<> write_file_systems(Sink& to, const Subject&);
// What is written to the trace: whole abi::TraceMarkers. Errno::badf, as on Linux, when nothing is
// recorded; Errno::inval for what is no marker, Errno::fault.
Result<size_t> take_trace_markers(fs::IoBuffer& from);
void describe_cpus_with(void (*describe_cpu)(Sink& to));

}  // namespace weft::proc
