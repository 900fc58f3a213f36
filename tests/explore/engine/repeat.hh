// Repeat: one run, as a schedule says. All choices that the schedule doesn't name are the plain ones.
#pragma once

#include "explore/engine/choice.hh"

namespace weft::explore {

class Repeat final : public Chooser {
 public:
  explicit Repeat(const Schedule& schedule) : schedule_(schedule) {}

  void start_run() override {}
  int choose(const Moment& moment, std::span<const Option> options) override {
    for (const Deviation& deviation : schedule_) {
      if (deviation.agent != moment.agent || deviation.tick != moment.tick) continue;
      for (size_t i = 0; i < options.size(); ++i) {
        if (options[i].agent == deviation.option.agent && options[i].act == deviation.option.act &&
            options[i].depth == deviation.option.depth) {
          return static_cast<int>(i);
        }
      }
    }
    return 0;
  }
  bool wants_more() override { return false; }
  bool wants_all_switches() const override { return true; }
  bool plans(unsigned agent, uint32_t tick) const override {
    for (const Deviation& deviation : schedule_) {
      if (deviation.agent == agent && deviation.tick == tick) return true;
    }
    return false;
  }

 private:
  const Schedule& schedule_;
};

}  // namespace weft::explore
