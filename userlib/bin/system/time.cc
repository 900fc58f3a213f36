// time COMMAND...: how long it took, and how much CPU time it used.
#include "userlib/base/print.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/system/launch.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace {

void show(std::string_view what, uint64_t milliseconds) {
  print_error("{}\t{}m{}.{:03}s\n", what, milliseconds / 60000, milliseconds / 1000 % 60,
              milliseconds % 1000);
}

uint64_t in_milliseconds(const abi::Timeval& time) {
  return static_cast<uint64_t>(time.seconds) * 1000 +
         static_cast<uint64_t>(time.microseconds) / 1000;
}

uint64_t now_in_milliseconds() {
  abi::Timespec time{};
  (void)sys::clock_gettime(abi::k_clock_monotonic, &time);
  return static_cast<uint64_t>(time.seconds) * 1000 +
         static_cast<uint64_t>(time.nanoseconds) / 1'000'000;
}

}  // namespace

int time_main(Arguments arguments) {
  if (arguments.size() < 2) return complain(arguments, "which command?");
  const uint64_t before = now_in_milliseconds();
  const auto wait_status = run_and_wait(arguments.subspan(1));
  if (!wait_status) return complain(arguments, arguments[1], wait_status.error());
  abi::ResourceUsage usage{};
  (void)sys::getrusage(abi::k_rusage_children, &usage);
  show("real", now_in_milliseconds() - before);
  show("user", in_milliseconds(usage.user_time));
  show("sys", in_milliseconds(usage.system_time));
  return status_for(*wait_status);
}

}  // namespace weft
