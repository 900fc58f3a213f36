// Run:      exits
// Look for: return says good-bye, exit does not; and a child of vfork that returns ruins its parent's stack.
// Why:      exit unwinds nobody. The parent of vfork goes on in a frame that the child has left and reused.
#include <span>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/process.hh"
#include "userlib/process/shared_memory.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/process.hh"

namespace weft {
namespace {

struct Guest {
  ~Guest() { print("  the guest says good-bye\n"); }
};

[[gnu::noinline]] void visit(bool by_exit) {
  const Guest guest;
  if (by_exit) weft::exit(3);
}

// What the two who share one stack have seen.
struct Diary {
  int32_t parent = 0;
  int parents_number = 0;
  int calls = 0;
  int returns = 0;
};

bool is_parent(const Diary& diary) { return sys::getpid().value_or(0) == diary.parent; }

[[gnu::noinline]] void fill(std::span<int> numbers, int value) {
  for (volatile int& each : numbers) each = value;
}

// Returns in the child, which it must not. The parent comes back here when the child has ended.
[[gnu::noinline]] void start_child(Diary& diary) {
  int numbers[16];
  fill(numbers, 1);
  if (weft_vfork() == 0) return;
  diary.parents_number = numbers[8];
}

// The child comes here; its frame lies where the frame of start_child() was.
[[gnu::noinline]] void do_something_else(Diary& diary) {
  int room[64];
  fill(room, 77);
  diary.calls += 1;
  if (!is_parent(diary)) sys::exit_group(0);
}

[[gnu::noinline]] void be_careless(Diary& diary) {
  diary.parent = sys::getpid().value_or(0);
  start_child(diary);
  do_something_else(diary);
  diary.returns += 1;
}

}  // namespace

int exits_main(Arguments) {
  print("a function returns, and so does main\n");
  auto returning = process::run([] {
    visit(false);
    return 3;
  });
  print("  status {}\n", returning->wait().code());
  print("a function calls exit\n");
  auto leaving = process::run([] { visit(true); });
  print("  status {}\n", leaving->wait().code());

  // In a process of its own, since nobody knows what becomes of it.
  print("a child of vfork returns\n");
  const shared<Diary> diary;
  auto careless = process::run([&] { be_careless(*diary); });
  const exit_status end = careless->wait();
  print("  the parent's number was 1, and is {}\n", diary->parents_number);
  print("  do_something_else: called {} time, and {} came back from it\n", diary->calls,
        diary->returns == 0 ? "nobody" : "somebody who never called it");
  print("  the parent: {}\n",
        end.killed() ? describe_signal(end.signal()) : "ended as if all were well");
  return 0;
}

}  // namespace weft
