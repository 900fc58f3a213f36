// Exhaustive: all runs that the budget affords, by depth-first search. Two things keep their number down:
// switches are offered only where agents meet (the engine sees to it), and a run ends where it comes to
// a state in which an earlier one has been with as much budget left. Two states are equal if the same
// events led to them, in whatever order as long as the events that depend on each other keep theirs: for
// the program, such orders are one and the same. Without reduction it goes through all orders.
#pragma once

#include <vector>

#include "explore/engine/choice.hh"

namespace weft::explore {

class Exhaustive final : public Chooser {
 public:
  struct Settings {
    Budget budget;
    bool reduces = true;
  };
  explicit Exhaustive(const Settings& settings);

  void start_run() override;
  int choose(const Moment& moment, std::span<const Option> options) override;
  bool wants_more() override;
  bool wants_all_switches() const override { return !settings_.reduces; }
  bool wants_interrupts() const override { return settings_.budget.interrupts > 0; }
  bool wants_old_stores() const override { return settings_.budget.old_stores > 0; }

  // The last run used all of its preemptions: with a smaller budget it would have been another.
  bool used_all_preemptions() const { return left_.preemptions == 0; }
  // There was something to choose that only a larger number of preemptions could pay.
  bool met_its_bound() const { return met_bound_; }
  size_t states() const { return visited_count_; }

 private:
  // A choice on the way to where the search is now.
  struct Level {
    uint32_t first_option;  // in options_: what there was to choose from
    uint8_t count;
    uint8_t chosen;
    Budget left;  // before it
  };
  // A state, and the most preemptions with which it was reached.
  struct Visited {
    uint64_t state = 0;
    uint8_t preemptions = 0;
  };

  int next_affordable(const Level& level, unsigned from) const;
  bool is_known(uint64_t state);
  void grow();

  Settings settings_;
  std::vector<Level> path_;
  std::vector<Option> options_;
  size_t depth_ = 0;
  bool met_bound_ = false;
  Budget left_;
  std::vector<Visited> visited_;
  size_t visited_count_ = 0;
};

}  // namespace weft::explore
