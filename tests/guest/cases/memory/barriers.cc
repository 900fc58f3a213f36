// membarrier: a fence for all threads of a process at once.
#include "guest/support/process.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

constexpr int k_allow = MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
constexpr int k_synchronize = MEMBARRIER_CMD_PRIVATE_EXPEDITED;

}  // namespace

GUEST_CASE(membarrier_tells_what_there_is) {
  const long there = sys::membarrier(MEMBARRIER_CMD_QUERY, 0, 0);
  check("private barriers", (there & (k_allow | k_synchronize)) == (k_allow | k_synchronize));
  show("options", sys::membarrier(MEMBARRIER_CMD_QUERY, 1 << 5, 0));
  show("no such command", sys::membarrier(1 << 30, 0, 0));
  show("two commands", sys::membarrier(k_allow | k_synchronize, 0, 0));
}

GUEST_CASE(membarrier_is_for_who_has_said_so) {
  show("before", sys::membarrier(k_synchronize, 0, 0));
  show("says so", sys::membarrier(k_allow, 0, 0));
  show("after", sys::membarrier(k_synchronize, 0, 0));
  show("says so again", sys::membarrier(k_allow, 0, 0));
  show_child("a child", [] { show("synchronizes", sys::membarrier(k_synchronize, 0, 0)); });
}

// Each stores to its own word and then looks at the other's: one of the two finds the other's store, though
// one of them does no fence.
GUEST_CASE(membarrier_is_a_fence_for_the_other_thread) {
  constexpr int k_rounds = 2000;
  must("say so", sys::membarrier(k_allow, 0, 0));
  struct alignas(64) Word {
    int value = 0;
  };
  static Word often, seldom, round;
  static int seen_by_often;
  Thread frequent([] {
    for (int turn = 1; turn <= k_rounds; ++turn) {
      while (__atomic_load_n(&round.value, __ATOMIC_ACQUIRE) < turn) sys::sched_yield();
      __atomic_store_n(&often.value, turn, __ATOMIC_RELAXED);
      __atomic_signal_fence(__ATOMIC_SEQ_CST);
      const int seen = __atomic_load_n(&seldom.value, __ATOMIC_RELAXED);
      __atomic_store_n(&seen_by_often, seen + turn * 10000, __ATOMIC_RELEASE);
    }
  });
  int lost = 0;
  for (int turn = 1; turn <= k_rounds; ++turn) {
    __atomic_store_n(&round.value, turn, __ATOMIC_RELEASE);
    __atomic_store_n(&seldom.value, turn, __ATOMIC_RELAXED);
    sys::membarrier(k_synchronize, 0, 0);
    const bool saw = __atomic_load_n(&often.value, __ATOMIC_RELAXED) == turn;
    int other = 0;
    while ((other = __atomic_load_n(&seen_by_often, __ATOMIC_ACQUIRE)) / 10000 < turn)
      sys::sched_yield();
    lost += !saw && other % 10000 != turn;
  }
  frequent.join();
  show("neither saw the other", lost);
}

}  // namespace weft::guest
