#include "explore/engine/exhaustive.hh"

#include <cstdio>
#include <cstdlib>

namespace weft::explore {

bool Budget::affords(Price price) const {
  switch (price) {
    case Price::free: return true;
    case Price::preemption: return preemptions > 0;
    case Price::interrupt: return interrupts > 0;
    case Price::old_store: return old_stores > 0;
  }
  return false;
}

void Budget::pay(Price price) {
  if (price == Price::preemption && preemptions != k_unlimited) --preemptions;
  if (price == Price::interrupt && interrupts != k_unlimited) --interrupts;
  if (price == Price::old_store && old_stores != k_unlimited) --old_stores;
}

Exhaustive::Exhaustive(const Settings& settings)
    : settings_(settings), left_(settings.budget), visited_(size_t{1} << 12) {}

void Exhaustive::start_run() {
  depth_ = 0;
  left_ = settings_.budget;
}

int Exhaustive::choose(const Moment& moment, std::span<const Option> options) {
  unsigned affordable = 0;
  for (const Option& option : options) {
    if (left_.affords(option.price)) {
      ++affordable;
    } else if (option.price == Price::preemption) {
      met_bound_ = true;
    }
  }
  if (affordable == 1) return 0;
  if (depth_ < path_.size()) {
    const Level& level = path_[depth_++];
    if (level.count != options.size()) {
      std::fputs("explore: a scenario that does not repeat itself\n", stderr);
      std::abort();
    }
    left_.pay(options[level.chosen].price);
    return level.chosen;
  }
  if (settings_.reduces && is_known(moment.state)) return k_cut;
  path_.push_back(
      {static_cast<uint32_t>(options_.size()), static_cast<uint8_t>(options.size()), 0, left_});
  options_.insert(options_.end(), options.begin(), options.end());
  ++depth_;
  return 0;  // the first is always free
}

bool Exhaustive::wants_more() {
  while (!path_.empty()) {
    Level& level = path_.back();
    const int next = next_affordable(level, level.chosen + 1u);
    if (next >= 0) {
      level.chosen = static_cast<uint8_t>(next);
      return true;
    }
    options_.resize(level.first_option);
    path_.pop_back();
  }
  return false;
}

int Exhaustive::next_affordable(const Level& level, unsigned from) const {
  for (unsigned i = from; i < level.count; ++i) {
    if (level.left.affords(options_[level.first_option + i].price)) return static_cast<int>(i);
  }
  return -1;
}

// Whether a run has been in this state with as many preemptions left; if not, this one has.
bool Exhaustive::is_known(uint64_t state) {
  state ^= left_.interrupts * 0x9e3779b97f4a7c15u ^ left_.old_stores * 0xc2b2ae3d27d4eb4fu;
  if (state == 0) state = 1;
  for (size_t slot = state % visited_.size();; slot = (slot + 1) % visited_.size()) {
    Visited& visited = visited_[slot];
    if (visited.state == state) {
      if (visited.preemptions >= left_.preemptions) return true;
      visited.preemptions = left_.preemptions;
      return false;
    }
    if (visited.state != 0) continue;
    visited = {state, left_.preemptions};
    if (++visited_count_ > visited_.size() / 2) grow();
    return false;
  }
}

void Exhaustive::grow() {
  std::vector<Visited> old(visited_.size() * 2);
  old.swap(visited_);
  for (const Visited& visited : old) {
    if (visited.state == 0) continue;
    size_t slot = visited.state % visited_.size();
    while (visited_[slot].state != 0) slot = (slot + 1) % visited_.size();
    visited_[slot] = visited;
  }
}

}  // namespace weft::explore
