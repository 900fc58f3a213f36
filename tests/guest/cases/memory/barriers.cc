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

// Each stores to its own word at the same moment, as well as can be, and then looks at the other's: one of
// the two finds the other's store, though one of them does no fence.
GUEST_CASE(membarrier_is_a_fence_for_the_other_thread) {
  constexpr int k_rounds = 300;
  constexpr uint64_t k_ticks_to_start = 5000;
  struct alignas(64) Word {
    uint64_t value = 0;
  };
  static Word start, often, seldom, seen_by_often;
  const auto load = [](Word& word, int order) { return __atomic_load_n(&word.value, order); };
  must("say so", sys::membarrier(k_allow, 0, 0));
  Thread frequent([&] {
    uint64_t last = 0;
    for (int turn = 1; turn <= k_rounds; ++turn) {
      uint64_t moment;
      while ((moment = load(start, __ATOMIC_ACQUIRE)) == last) sys::sched_yield();
      last = moment;
      while (__builtin_ia32_rdtsc() < moment) {
      }
      __atomic_store_n(&often.value, moment, __ATOMIC_RELAXED);
      __atomic_signal_fence(__ATOMIC_SEQ_CST);
      const bool saw = load(seldom, __ATOMIC_RELAXED) == moment;
      __atomic_store_n(&seen_by_often.value, moment * 2 + saw, __ATOMIC_RELEASE);
    }
  });
  int lost = 0;
  for (int turn = 1; turn <= k_rounds; ++turn) {
    const uint64_t moment = __builtin_ia32_rdtsc() + k_ticks_to_start;
    __atomic_store_n(&start.value, moment, __ATOMIC_RELEASE);
    while (__builtin_ia32_rdtsc() < moment) {
    }
    __atomic_store_n(&seldom.value, moment, __ATOMIC_RELAXED);
    sys::membarrier(k_synchronize, 0, 0);
    const bool saw = load(often, __ATOMIC_RELAXED) == moment;
    uint64_t other;
    while ((other = load(seen_by_often, __ATOMIC_ACQUIRE)) / 2 != moment) sys::sched_yield();
    lost += !saw && other % 2 == 0;
  }
  frequent.join();
  show("neither saw the other", lost);
}

}  // namespace weft::guest
