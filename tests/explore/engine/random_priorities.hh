// RandomPriorities: for what is too large to be gone through (PCT; S. Burckhardt and others, 2010). Each
// agent has a random priority, and the most urgent one that is able runs; at a few random steps the
// running one becomes the least urgent. A mistake that needs d such changes is found with a chance of at
// least 1 / (agents * steps^(d-1)) in each run, whatever the program is.
#pragma once

#include <array>
#include <random>
#include <unordered_set>

#include "explore/engine/choice.hh"
#include "explore/engine/view.hh"

namespace weft::explore {

class RandomPriorities final : public Chooser {
 public:
  RandomPriorities(uint64_t seed, const Budget& budget) : random_(seed), budget_(budget) {}

  void start_run() override;
  int choose(const Moment& moment, std::span<const Option> options) override;
  bool wants_more() override;
  bool wants_all_switches() const override { return true; }
  bool wants_interrupts() const override { return budget_.interrupts > 0; }
  bool wants_old_stores() const override { return budget_.old_stores > 0; }

  // The last run was like no other before.
  bool was_new() const { return was_new_; }

 private:
  static constexpr unsigned k_most_changes = 3;
  static constexpr unsigned k_one_in = 12;  // choices that are paid for, if the budget affords them

  uint64_t below(uint64_t bound) { return random_() % bound; }

  std::mt19937_64 random_;
  const Budget budget_;
  Budget left_;
  std::array<unsigned, k_most_agents> priorities_{};
  std::array<uint64_t, k_most_changes> changes_{};
  unsigned lowest_ = 0;
  uint64_t step_ = 0;
  uint64_t longest_ = 100;  // run so far, in choices
  uint64_t path_ = 0;       // stands for the choices of this run
  std::unordered_set<uint64_t> paths_;
  bool was_new_ = false;
};

}  // namespace weft::explore
