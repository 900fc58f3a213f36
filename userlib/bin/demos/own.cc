// Run:      own
// Look for: what one thread sets here, the other does not have; only the heap is the same for both.
// Why:      stack, registers, number, thread-local variables, signal mask and priority make a thread.
#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/scheduling.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

thread_local int own_number = 1;

// What there is of each thread.
struct Thread {
  const void* on_stack;
  int32_t number;
  int own_variable;
  uint64_t mask;
  int niceness;
};

Thread look() {
  uint64_t mask = 0;
  (void)sys::rt_sigprocmask(abi::k_sig_block, nullptr, &mask);
  return {__builtin_frame_address(0), this_thread::get_id().number(), own_number, mask,
          get_niceness(0).value_or(0)};
}

void change_all() {
  own_number = 2;
  const uint64_t wanted = uint64_t{1} << (abi::k_sigusr1 - 1);
  (void)sys::rt_sigprocmask(abi::k_sig_block, &wanted, nullptr);
  (void)set_niceness(0, 5);
}

bool are_near(const void* a, const void* b) {
  const auto distance = reinterpret_cast<intptr_t>(a) - reinterpret_cast<intptr_t>(b);
  return distance > -16384 && distance < 16384;
}

}  // namespace

int own_main(Arguments) {
  int* const shared = new int(1);
  Thread other{};
  thread([&] {
    change_all();
    *shared = 2;
    other = look();
  }).join();
  const Thread me = look();
  print("{:<28}{:>8}{:>8}\n", "", "thread", "main");
  print("{:<28}{:>8}{:>8}\n", "a thread-local variable", other.own_variable, me.own_variable);
  print("{:<28}{:>8}{:>8}\n", "signals that are held back", other.mask != 0, me.mask != 0);
  print("{:<28}{:>8}{:>8}\n", "niceness", other.niceness, me.niceness);
  print("{:<28}{:>16}\n", "the same stack", are_near(other.on_stack, me.on_stack));
  print("{:<28}{:>16}\n", "the same number", other.number == me.number);
  print("{:<28}{:>16}\n", "the heap has the change", *shared == 2);
  delete shared;
  return 0;
}

}  // namespace weft
