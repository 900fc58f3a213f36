#include "explore/engine/random_priorities.hh"

#include <algorithm>

namespace weft::explore {

void RandomPriorities::start_run() {
  left_ = budget_;
  step_ = 0;
  path_ = 0;
  lowest_ = 1000;
  for (unsigned i = 0; i < priorities_.size(); ++i) priorities_[i] = 2000 + i;
  std::shuffle(priorities_.begin(), priorities_.end(), random_);
  for (uint64_t& change : changes_) change = below(longest_);
}

int RandomPriorities::choose(const Moment& moment, std::span<const Option> options) {
  ++step_;
  if (std::find(changes_.begin(), changes_.end(), step_) != changes_.end()) {
    priorities_[moment.agent] = --lowest_;
  }
  size_t chosen = 0;
  for (size_t i = 1; i < options.size(); ++i) {
    const Option& option = options[i];
    if (option.price == Price::interrupt || option.price == Price::old_store) {
      if (!left_.affords(option.price) || below(k_one_in) != 0) continue;
      left_.pay(option.price);
      chosen = i;
      break;
    }
    if (priorities_[option.agent] > priorities_[options[chosen].agent]) chosen = i;
  }
  path_ = (path_ ^ (chosen + 1)) * 0x9e3779b97f4a7c15u;
  path_ ^= path_ >> 29;
  return static_cast<int>(chosen);
}

bool RandomPriorities::wants_more() {
  longest_ = std::max(longest_, step_);
  was_new_ = paths_.insert(path_).second;
  return true;
}

}  // namespace weft::explore
