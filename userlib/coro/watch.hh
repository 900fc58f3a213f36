// Watch: what the monitor makes of its looks at the workers.
//
// A worker whose turns don't change is held up: by a coroutine that computes, or by a call that blocks. One
// look doesn't tell that from a thread that only waits for its CPU, on a machine that has more to do; so it
// takes some looks in a row.
#pragma once

#include <cstdint>
#include <utility>

namespace weft::coro {

class Watch {
 public:
  static constexpr unsigned k_most_workers = 64;
  static constexpr uint8_t k_patience = 3;

  // One look at a worker. Is it still in the turn in which it was last time?
  bool sees_same_turn(unsigned worker, bool is_asleep, uint32_t turn) {
    Seen& seen = seen_[worker];
    if (is_asleep || seen.turn != turn) {
      seen = {turn, 0};
      return false;
    }
    if (seen.looks < k_patience) ++seen.looks;
    return true;
  }
  bool is_held_up(unsigned worker) const { return seen_[worker].looks == k_patience; }
  // One look at how many times workers have run out of work, all together. Has nobody since the last look?
  // (Who has is there for whatever is waiting at the moment.)
  bool all_have_work(uint32_t searches) { return std::exchange(searches_, searches) == searches; }

 private:
  struct Seen {
    uint32_t turn = 0;
    uint8_t looks = 0;  // in a row, in that turn
  };
  Seen seen_[k_most_workers];
  uint32_t searches_ = 0;
};

}  // namespace weft::coro
