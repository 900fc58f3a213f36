// free: memory; uptime: since when this machine runs.
#include "userlib/base/print.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/system/processes.hh"

namespace weft {

int free_main(Arguments arguments) {
  const auto total = memory_figure("MemTotal");
  const auto unused = memory_figure("MemFree");
  const auto available = memory_figure("MemAvailable");
  if (!total || !unused) return complain(arguments, "/proc/meminfo", Errno::noent);
  print("              total        used        free   available   (KiB)\n");
  print("memory {:12} {:11} {:11} {:11}\n", *total, *total - *unused, *unused,
        available.value_or(*unused));
  return 0;
}

int uptime_main(Arguments arguments) {
  const auto seconds = uptime_seconds();
  if (!seconds) return complain(arguments, "/proc/uptime", seconds.error());
  print("up {} days, {}:{:02}:{:02}\n", *seconds / 86400, *seconds / 3600 % 24, *seconds / 60 % 60,
        *seconds % 60);
  return 0;
}

}  // namespace weft
