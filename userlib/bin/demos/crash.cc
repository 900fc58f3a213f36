// Run:      crash
// Look for: a crash in a thread takes its sister along; a crash in a process leaves its sister alone.
// Why:      threads share all their memory, so nobody could say what is still right; processes share none.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

void follow_a_bad_pointer() {
  volatile uint64_t nowhere = 16;
  *reinterpret_cast<volatile int*>(nowhere) = 1;
}

void divide_by_zero() {
  volatile int one = 1;
  volatile int zero = 0;
  one = one / zero;
}

void run_nonsense() { __builtin_trap(); }

void show(std::string_view who, exit_status status) {
  if (status.killed()) {
    print("  {}: {}\n", who, describe_signal(status.signal()));
  } else {
    print("  {}: ended well\n", who);
  }
}

}  // namespace

int crash_main(Arguments) {
  print("two threads in a process, one crashes\n");
  auto family = process::run([] {
    thread sister([] {
      for (;;) this_thread::yield();
    });
    thread(follow_a_bad_pointer).join();
    sister.join();
  });
  show("the process, with both", family->wait());

  print("two processes, one crashes\n");
  pipe wait_here = pipe::make().value();
  auto sister = process::run([&] {
    char byte;
    wait_here.write_end = Descriptor();
    (void)read_exactly(wait_here.read_end.get(), {&byte, 1});
  });
  auto unlucky = process::run(follow_a_bad_pointer);
  show("one", unlucky->wait());
  wait_here.write_end = Descriptor();
  show("the other", sister->wait());

  print("three ways to crash, each in a process of its own\n");
  show("a bad pointer", process::run(follow_a_bad_pointer)->wait());
  show("a division by zero", process::run(divide_by_zero)->wait());
  show("an instruction that is none", process::run(run_nonsense)->wait());
  return 0;
}

}  // namespace weft
