#include "explore/engine/races.hh"

namespace weft::explore {

void Races::init() { cells_ = static_cast<Cell*>(reserve(ground.granules() * sizeof(Cell))); }

void Races::mark_freed(uintptr_t address, size_t size) {
  for (uintptr_t at = address; at < address + size; at += Ground::k_granule) {
    Cell& cell = cells_[ground.granule(at)];
    cell.run = run_;
    cell.traces[0] = {1, 0, k_freed, 0xff, true, false};
    for (unsigned i = 1; i < k_traces; ++i) cell.traces[i].clock = 0;
  }
}

const Races::Trace* Races::check(uint8_t agent, const View& view, const Access& access) {
  Trace mine{view.at[agent], access.place, agent, 0, access.is_write, access.is_atomic};
  uintptr_t at = access.address;
  const uintptr_t end = at + access.size;
  while (at < end) {
    const unsigned first = at % Ground::k_granule;
    const auto last =
        static_cast<unsigned>(std::min<uintptr_t>(Ground::k_granule, end - at + first));
    mine.bytes = static_cast<uint8_t>((0xffu << first) & (0xffu >> (Ground::k_granule - last)));
    const size_t granule = ground.granule(at);
    if (granule == Ground::k_elsewhere) return nullptr;
    if (const Trace* other = check_granule(cells_[granule], view, mine)) return other;
    at += last - first;
  }
  return nullptr;
}

const Races::Trace* Races::check_granule(Cell& cell, const View& view, const Trace& mine) {
  if (cell.run != run_) {
    cell.run = run_;
    cell.traces[0] = mine;
    for (unsigned i = 1; i < k_traces; ++i) cell.traces[i].clock = 0;
    return nullptr;
  }
  Trace* place = nullptr;  // where to note this access
  for (Trace& trace : cell.traces) {
    if (trace.clock == 0) {
      if (place == nullptr) place = &trace;
      break;
    }
    if (trace.agent == k_freed) return &trace;
    const bool is_ordered = trace.agent == mine.agent || view.at[trace.agent] >= trace.clock;
    if (!is_ordered && (trace.bytes & mine.bytes) != 0 && (trace.is_write || mine.is_write) &&
        !(trace.is_atomic && mine.is_atomic)) {
      return &trace;
    }
    // An older access says nothing any more that this one doesn't say as well.
    const bool is_covered = is_ordered && (trace.bytes & ~mine.bytes) == 0 &&
                            (mine.is_write || !trace.is_write) &&
                            (!mine.is_atomic || trace.is_atomic);
    if (is_covered && (place == nullptr || trace.agent == mine.agent)) place = &trace;
  }
  if (place == nullptr) place = &cell.traces[next_victim_++ % k_traces];
  *place = mine;
  return nullptr;
}

}  // namespace weft::explore
