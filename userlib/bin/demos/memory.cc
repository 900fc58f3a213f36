// Run:      memory
// Look for: a child changes all of this for itself alone; a thread changes it for everybody.
// Why:      a process has memory, files and a folder of its own; the threads of a process share them.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/string.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/process.hh"
#include "userlib/sys/process.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

int number = 1;

// Whatever threads have in common, as it is before and after.
struct Belongings {
  int* on_heap = new int(1);
  Descriptor file = open_file("/dev/null").value();
  int32_t process = sys::getpid().value_or(0);

  ~Belongings() { delete on_heap; }

  void change() const {
    number = 2;
    *on_heap = 2;
    (void)sys::close(file.get());
    (void)sys::chdir("/dev");
    (void)sys::on_signal(abi::k_sigusr1, [](int) {}, 0);
  }
};

bool is_here(std::string_view folder) {
  char path[256] = {};
  return sys::getcwd(path, sizeof path).has_value() && folder == path;
}

bool has_handler(int signal) {
  abi::SignalAction action = {};
  (void)sys::rt_sigaction(signal, nullptr, &action);
  return action.handler != abi::k_default_action;
}

void show(const Belongings& ours) {
  abi::Stat status;
  print("  the global variable is now  {}\n", number);
  print("  the memory on the heap      {}\n", *ours.on_heap);
  print("  our file is                 {}\n",
        sys::fstat(ours.file.get(), &status) ? "open" : "shut");
  print("  we are in                   {}\n", is_here("/dev") ? "/dev" : "the folder of before");
  print("  a signal's handler is       {}\n", has_handler(abi::k_sigusr1) ? "there" : "not there");
}

}  // namespace

int memory_main(Arguments) {
  const Belongings ours;
  const int* const where = &number;
  const auto change_and_tell = [&](std::string_view who) {
    ours.change();
    print("  in the {}, the number at the same address ({}) is {}, and the process another: {}\n",
          who, &number == where, number, sys::getpid().value_or(0) != ours.process);
  };
  print("a child changes them:\n");
  auto child = process::run([&] { change_and_tell("child"); });
  child->wait();
  show(ours);

  print("a thread changes them:\n");
  thread([&] { change_and_tell("thread"); }).join();
  show(ours);
  return 0;
}

}  // namespace weft
