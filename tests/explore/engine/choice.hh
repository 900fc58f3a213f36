// Choices: whatever a run does not determine itself. At a choice the engine offers options, and a
// Chooser takes one. Option 0 is the plain way on, and always free; the others have a price, of which a
// search has a budget.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weft::explore {

enum class Act : uint8_t {
  go_on,     // the agent makes its next step
  kick,      // the kick that another CPU sent comes in
  timer,     // the agent's timer fires, or its time-out ends
  read_old,  // a load sees an older store: which, says `depth`
};

enum class Price : uint8_t { free, preemption, interrupt, old_store };
inline constexpr unsigned k_prices = 4;

struct Option {
  uint8_t agent = 0;
  Act act = Act::go_on;
  uint8_t depth = 0;
  Price price = Price::free;

  bool operator==(const Option&) const = default;
};

// How many options of each price a run may take.
struct Budget {
  uint8_t preemptions = 0;
  uint8_t interrupts = 0;
  uint8_t old_stores = 0;

  bool affords(Price price) const;
  void pay(Price price);
};
inline constexpr uint8_t k_unlimited = 255;

// A choice that was not the plain one: at tick `tick` of agent `agent`'s own.
struct Deviation {
  uint8_t agent = 0;
  uint32_t tick = 0;
  Option option;

  bool operator==(const Deviation&) const = default;
};
// A run is given by its deviations.
using Schedule = std::vector<Deviation>;

// Where a choice is made.
struct Moment {
  uint8_t agent = 0;   // that runs, or has just stopped
  uint32_t tick = 0;   // of that agent's own
  uint64_t state = 0;  // equal for two runs that have come to the same state
};

class Chooser {
 public:
  virtual ~Chooser() = default;

  // Before each run.
  virtual void start_run() = 0;
  // The number of one option; k_cut to end the run, because all that follows is known.
  static constexpr int k_cut = -1;
  virtual int choose(const Moment& moment, std::span<const Option> options) = 0;
  // After each run: whether there is another one.
  virtual bool wants_more() = 0;

  // What the engine must offer: with reduction, a switch only where agents meet.
  virtual bool wants_all_switches() const { return false; }
  virtual bool wants_interrupts() const { return true; }
  virtual bool wants_old_stores() const { return true; }
  // The next plain access of the agent is one before which it will choose an interrupt.
  virtual bool plans(unsigned, uint32_t) const { return false; }
};

}  // namespace weft::explore
