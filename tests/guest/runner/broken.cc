// Cases that go wrong, for the tests of the runner.
#include "guest/support/case.hh"
#include "guest/support/linux.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {

GUEST_CASE(fine_at_first) { say("all is well"); }

GUEST_CASE(crashes) { *static_cast<volatile char*>(k_bad_pointer) = 1; }

GUEST_CASE(gives_up) { must("do this", -EPERM); }

GUEST_CASE(hangs) {
  say("before");
  for (;;) sys::pause();
}

GUEST_CASE(hangs_busily) {
  for (volatile int round = 0;; round = round + 1) {
  }
}

GUEST_CASE(kills_the_runner) { sys::kill(sys::getppid(), SIGKILL); }

GUEST_CASE(leaves_a_child) {
  start_child([] {
    for (;;) sys::pause();
  });
}

GUEST_CASE(closes_its_output) {
  sys::close(1);
  say("nobody hears this");
}

GUEST_CASE(says_something_new_each_time) {
  uint64_t any = 0;
  sys::getrandom(&any, sizeof any, 0);
  say("{:x}", any);
}

GUEST_CASE(strays_from_the_table) {
  constexpr long k_personality = 135;  // no part of the subset
  show("personality", raw_syscall(k_personality, 0xffffffff));
}

GUEST_CASE(fine_at_the_end) { say("still well"); }

}  // namespace weft::guest
