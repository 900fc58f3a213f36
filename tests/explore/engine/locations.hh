// Locations: every atomic variable that a run touches, the stores to it that may still be read, and
// what has been learned over all runs about who shares it. Things that are no variables but that
// agents share all the same (a CPU's interrupt line, the clock) are locations with small addresses.
#pragma once

#include <cstdint>
#include <vector>

#include "explore/engine/view.hh"

namespace weft::explore {

// One store to a location, and what it tells those who acquire it.
struct Store {
  View view;
  unsigned used_view = 0;  // so many entries of it
  uint64_t value = 0;
  uint64_t hash = 0;   // of the event
  uint32_t stamp = 0;  // the how manieth store to its location
  uint32_t older = 0;  // the store before; 0: none
  uint32_t place = 0;  // the code's address
  uint8_t agent = 0;
  bool is_sequential = false;
};

struct Location {
  uintptr_t address = 0;

  // Learned over all runs: bits of agents.
  uint8_t readers = 0;
  uint8_t writers = 0;
  // Several agents come here, and one of them writes: the order in which they come matters.
  bool is_shared() const {
    const unsigned all = readers | writers;
    return writers != 0 && (all & (all - 1)) != 0;
  }
  // The same, as it was known at the start of the pass: within a pass the choices stay the same.
  bool is_contended = false;

  // Of this run.
  uint32_t run = 0;
  uint32_t newest = 0;       // number of the newest store; 0: none yet
  uint32_t numbered_in = 0;  // the run that the next two are of: they outlive what stands there
  uint32_t stores = 0;
  uint32_t view_entry = 0;       // 0: no entry left, only the newest store can be read
  uint32_t last_sequential = 0;  // the stamp of the newest sequentially consistent store
  uint8_t owner = 0;  // the agent that has taken it as a lock: acquired it from 0; 0: nobody
  uint64_t write_hash = 0;
  uint64_t read_hash = 0;  // of the reads since the last write
};

class Locations {
 public:
  void start_run(bool keeps_old_stores);
  void forget_sharing();
  // Never moves afterwards.
  Location& find(uintptr_t address);
  // The same, without making one; nullptr.
  Location* find_known(uintptr_t address);

  // The first touch in a run, or of a new variable in an old place: the value that the memory has is the
  // first store, known to all.
  void begin(Location& location, uint64_t value);
  Store& newest(Location& location) { return stores_[location.newest]; }
  Store& store(uint32_t number) { return stores_[number]; }
  // Room for one more store, with a copy of nothing: the caller fills in view, hash and the rest.
  Store& add_store(Location& location);

  unsigned used_view() const { return used_view_; }
  bool keeps_old_stores() const { return keeps_old_stores_; }
  bool is_of_this_run(const Location& location) const { return location.run == run_; }

 private:
  static constexpr size_t k_slots = size_t{1} << 16;
  static size_t slot_of(uintptr_t address) { return (address * 0x9e3779b97f4a7c15u) >> (64 - 16); }
  Location* allocate();

  std::vector<Location*> slots_ = std::vector<Location*>(k_slots);
  std::vector<Location*> blocks_;
  size_t left_in_block_ = 0;
  size_t count_ = 0;
  std::vector<Store> stores_ = std::vector<Store>(1);  // [0] is nobody's
  uint32_t store_count_ = 1;
  uint32_t run_ = 0;
  unsigned used_view_ = k_most_agents;
  bool keeps_old_stores_ = false;
};

}  // namespace weft::explore
