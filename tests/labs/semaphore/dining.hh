// The dining philosophers: as many forks as seats, one between each two, and everybody needs both neighbours'.
// A fork is a semaphore with one key. Three ways to take them: one ends in a deadlock, two don't.
#pragma once

#include <span>

#include "core/sync/semaphore.hh"

namespace weft::labs {

using Forks = std::span<Semaphore>;

inline Semaphore& left_of(Forks forks, size_t seat) { return forks[seat]; }
inline Semaphore& right_of(Forks forks, size_t seat) { return forks[(seat + 1) % forks.size()]; }

// Each takes the left fork first. When all have theirs, all wait for the right one: for ever.
inline void take_left_first(Forks forks, size_t seat) {
  left_of(forks, seat).acquire();
  right_of(forks, seat).acquire();
}

// First way out: an order. Both forks have a number, their place in the span. No circle of waiting can
// close when everybody takes the lower one first.
void take_lower_first(Forks forks, size_t seat);

// Second way out: one chair fewer than philosophers. Who sits takes the left fork first; `chairs` has a key
// for each chair. leave_table() gives the forks and the chair back.
void sit_down_and_take(Forks forks, Semaphore& chairs, size_t seat);
void leave_table(Forks forks, Semaphore& chairs, size_t seat);

inline void put_back(Forks forks, size_t seat) {
  left_of(forks, seat).release();
  right_of(forks, seat).release();
}

}  // namespace weft::labs
