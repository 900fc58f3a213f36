// Races: finds two accesses to one place that nothing orders, one of them a write, not both atomic.
// Each granule of ground has a cell that remembers its last accesses: who, when (by that agent's
// clock), which bytes. A cell that is full forgets one: so a race may be missed in one run, but what
// is reported is a race.
#pragma once

#include <cstdint>

#include "explore/engine/ground.hh"
#include "explore/engine/view.hh"

namespace weft::explore {

struct Access {
  uintptr_t address = 0;
  uint32_t size = 0;
  uint32_t place = 0;  // the code's address
  bool is_write = false;
  bool is_atomic = false;
};

class Races {
 public:
  // What stands in a cell of one access.
  struct Trace {
    uint32_t clock = 0;  // 0: nothing
    uint32_t place = 0;
    uint8_t agent = 0;
    uint8_t bytes = 0;  // one bit each
    bool is_write = false;
    bool is_atomic = false;
  };

  // Stands for an agent in the trace of a free.
  static constexpr uint8_t k_freed = 255;

  void init();
  // All cells are empty again.
  void start_run() { ++run_; }

  // From now on each access is wrong.
  void mark_freed(uintptr_t address, size_t size);
  // The agent, which knows `view`, accesses; the address is on the ground. What it races with, or
  // nullptr.
  const Trace* check(uint8_t agent, const View& view, const Access& access);

 private:
  static constexpr unsigned k_traces = 5;
  struct alignas(64) Cell {
    uint32_t run;
    Trace traces[k_traces];
  };
  static_assert(sizeof(Cell) == 64);

  const Trace* check_granule(Cell& cell, const View& view, const Trace& mine);

  Cell* cells_ = nullptr;
  uint32_t run_ = 1;
  unsigned next_victim_ = 0;
};

}  // namespace weft::explore
