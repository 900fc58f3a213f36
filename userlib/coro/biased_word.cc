#include "userlib/coro/biased_word.hh"

#include <array>

#include "userlib/coro/watch.hh"
#include "userlib/sys/spin.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

constinit std::array<PlainSection, Watch::k_most_workers> sections;

void wait_while_at(const PlainSection& section, const void* word) {
  constexpr int k_spins = 64;
  for (int spins = 1; section.at.load(acquire) == word; ++spins) {
    if (spins % k_spins != 0) {
      sys::relax();
    } else {
      (void)sys::sched_yield();  // that worker's thread has lost its CPU
    }
  }
}

}  // namespace

PlainSection& plain_section_of(unsigned worker) {
  PlainSection& section = sections[worker];
  section.mark = (worker + 1) << BiasedWord::k_shift;
  return section;
}

void BiasedWord::give_to_this_worker() {
  const PlainSection* const section = own_plain_section();
  if (section == nullptr || !sys::has_light_fences()) return;
  is_asked_back_.store(false, release);
  word_.fetch_or(section->mark, release);
}

void BiasedWord::take_back() {
  const uint32_t seen = word_.load(acquire);
  if (!is_biased(seen)) return;
  const PlainSection& section = sections[(seen >> k_shift) - 1];
  if (&section != own_plain_section()) {
    is_asked_back_.store(true, relaxed);
    if (comes_back_soon()) return;
    sys::heavy_fence();
    wait_while_at(section, this);
  }
  word_.fetch_and(k_value, relaxed);
}

// About a microsecond.
bool BiasedWord::comes_back_soon() const {
  constexpr int k_looks = 32;
  if (!sys::has_other_cpus()) return false;
  for (int look = 0; look < k_looks; ++look) {
    if (!is_biased(word_.load(acquire))) return true;
    sys::relax();
  }
  return false;
}

}  // namespace weft::coro
