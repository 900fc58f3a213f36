// Run:      safety reentrancy
// Look for: a signal comes while a name is being made; the handler makes a name, too, and the first is wrong.
// Why:      a function with a room of its own for the answer cannot run twice at a time; no lock helps here.
#include "userlib/base/print.hh"
#include "userlib/bin/demos/safety.hh"
#include "userlib/sys/process.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace {

bool signal_comes = false;

// The unlucky moment, made certain: in the middle of the function.
void be_interrupted() {
  if (!signal_comes) return;
  signal_comes = false;
  (void)sys::tgkill(sys::getpid().value_or(0), sys::gettid().value_or(0), abi::k_sigusr1);
}

Text<40>& name_in_one_room(int number) {
  static Text<40> room;
  room.clear();
  format(room, "number ");
  be_interrupted();
  format(room, "{}", number);
  return room;
}

void name_in_the_callers_room(int number, Text<40>& room) {
  room.clear();
  format(room, "number ");
  be_interrupted();
  format(room, "{}", number);
}

}  // namespace

void show_reentrancy() {
  (void)sys::on_signal(abi::k_sigusr1, [](int) { (void)name_in_one_room(99); }, 0);
  signal_comes = true;
  print("  the name of 1, in one room for all: {}\n", name_in_one_room(1).view());

  (void)sys::on_signal(
      abi::k_sigusr1,
      [](int) {
        Text<40> own;
        name_in_the_callers_room(99, own);
      },
      0);
  signal_comes = true;
  Text<40> own;
  name_in_the_callers_room(1, own);
  print("  the name of 1, in the caller's room: {}\n", own.view());
  (void)sys::default_signal(abi::k_sigusr1);
}

}  // namespace weft
