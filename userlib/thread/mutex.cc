#include "userlib/thread/mutex.hh"

#include <algorithm>

#include "userlib/sys/spin.hh"

namespace weft {
namespace {

constexpr uint32_t k_most_spins = 100;

}  // namespace

// A critical section is mostly shorter than the way into the kernel and back; but with a long one, or
// with its owner off the CPU, spinning is waste. So the bound follows what this mutex has shown: twice
// the average, and a little, lest it stays at nothing.
bool mutex::spin() {
  if (!sys::has_other_cpus()) return false;
  const uint32_t usual = usual_spins_.load(relaxed);
  const uint32_t bound = std::min(k_most_spins, usual * 2 + 10);
  uint32_t spins = 0;
  bool taken = false;
  while (spins < bound && !taken) {
    ++spins;
    sys::relax();
    taken = state_.load(relaxed) == k_free && try_lock();
  }
  usual_spins_.store(usual + spins / 8 - usual / 8, relaxed);
  return taken;
}

bool mutex::lock_slowly(Instant deadline) {
  if (spin()) return true;
  // lab:futex begin 3
  // Who has slept takes it as `contended`: there may be others asleep.
  while (state_.exchange(k_contended, acquire) != k_free) {
    if (!futex::wait_until(state_, k_contended, deadline)) return false;
  }
  return true;
  // lab:futex stub: static_cast<void>(deadline);
  // lab:futex stub: panic("not implemented: lab futex, part 3");
  // lab:futex end
}

}  // namespace weft
