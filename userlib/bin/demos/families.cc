// Run:      families
// Look for: a dead child stays in the list, as a zombie, until it is asked for; an orphan gets other parents.
// Why:      how a process ended must be kept for its parent; and there must always be one who will ask.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace {

// The letter behind the name in brackets; '-' if there is no such process.
char state_of(int32_t process) {
  const Result<String> text = read_file(Text<40>("/proc/{}/stat", process).c_str());
  if (!text) return '-';
  return (*text)[text->find(')') + 2];
}

void show_zombie() {
  auto child = process::run([] { return 7; });
  const int32_t number = child->get_id();
  abi::SignalInfo info{};
  // Waits for the end, but does not take the answer.
  (void)sys::waitid(abi::k_p_pid, number, &info, abi::k_wexited | abi::k_wnowait, nullptr);
  print("  has ended: its state is {}\n", state_of(number));
  print("  is asked how: it ended with {}\n", child->wait().code());
  print("  after that: its state is {}\n", state_of(number));
}

// A child has a child and ends at once. What the grandchild sees then.
void show_orphan() {
  const int32_t me = sys::getpid().value_or(0);
  (void)sys::prctl(abi::k_pr_set_child_subreaper, 1, 0, 0, 0);
  pipe parent_is_gone = pipe::make().value();
  pipe has_looked = pipe::make().value();
  auto parent = process::run([&] {
    auto orphan = process::run([&] {
      const int32_t before = sys::getppid().value_or(0);
      (void)send_value(has_looked.write_end.get(), 'x');
      parent_is_gone.write_end = Descriptor();
      char byte;
      (void)read_exactly(parent_is_gone.read_end.get(), {&byte, 1});
      const int32_t after = sys::getppid().value_or(0);
      print("  its parent is another one now: {}, and is its grandparent: {}\n", after != before,
            after == me);
      return 9;
    });
    (void)receive_value<char>(has_looked.read_end.get());
    orphan->detach();
  });
  parent->wait();
  parent_is_gone.write_end = Descriptor();
  int status = 0;
  const bool is_ours = sys::wait4(-1, &status, 0, nullptr).has_value();
  print("  the grandparent asks how it ended: {}, with {}\n", is_ours, exit_status(status).code());
  const auto more = sys::wait4(-1, &status, 0, nullptr);
  print("  is anybody left? {}\n", more ? "yes" : describe(more.error()));
  (void)sys::prctl(abi::k_pr_set_child_subreaper, 0, 0, 0, 0);
}

}  // namespace

int families_main(Arguments) {
  print("a child that nobody has asked for\n");
  show_zombie();
  print(
      "a child whose parent dies first (its grandparent has offered to take orphans, as process 1 "
      "does)\n");
  show_orphan();
  return 0;
}

}  // namespace weft
