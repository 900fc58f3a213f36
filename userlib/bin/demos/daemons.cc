// Run:      daemons
// Look for: main() is over first, then the foreground thread; the daemon never gets to say good-bye.
// Why:      a process ends with its last foreground thread, and daemons end with the process.
#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"
#include "userlib/thread/latch.hh"
#include "userlib/thread/thread.hh"

namespace weft {

int daemons_main(Arguments) {
  static latch daemon_runs(1);
  static latch main_is_over(1);
  thread({.name = "daemon", .daemon = true}, [] {
    print("daemon: I run as long as somebody else does\n");
    daemon_runs.count_down();
    for (;;) this_thread::sleep_for(std::chrono::hours(1));
    print("daemon: good-bye\n");
  }).detach();
  thread({.name = "foreground"}, [] {
    main_is_over.wait();
    print("foreground: I am the last one, and the process goes with me\n");
  }).detach();
  daemon_runs.wait();
  print("main: I am done\n");
  main_is_over.count_down();
  return 0;
}

}  // namespace weft
