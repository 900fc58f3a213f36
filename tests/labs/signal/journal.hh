// Lab signal, part 6: a journal that a signal handler may write to, at any moment, even while the program itself
// writes to it or reads from it. No lock helps here: whoever holds it would have to go on before the handler can,
// and it goes on only when the handler is through.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/assert.hh"
#include "core/base/atomic.hh"

namespace weft::labs {

template <uint32_t k_room>
class Journal {
 public:
  // For the program and for its handlers. False if there is no room; then nothing has changed.
  bool note(uint64_t value) {
    // lab:signal begin 6
    uint32_t place = next_in_.load(relaxed);
    do {
      if (place - next_out_.load(relaxed) >= k_room) return false;
    } while (!next_in_.compare_exchange(place, place + 1, relaxed));
    Entry& entry = entries_[place % k_room];
    entry.value = value;
    entry.is_there.store(true, release);
    return true;
    // lab:signal stub: static_cast<void>(value);
    // lab:signal stub: panic("not implemented: lab signal, part 6");
    // lab:signal end
  }

  // For the program only. The oldest entry, or nothing.
  std::optional<uint64_t> take() {
    // lab:signal begin 6
    const uint32_t place = next_out_.load(relaxed);
    Entry& entry = entries_[place % k_room];
    if (!entry.is_there.load(acquire)) return std::nullopt;
    const uint64_t value = entry.value;
    entry.is_there.store(false, relaxed);
    next_out_.store(place + 1, release);  // last: from here on a handler may use the place
    return value;
    // lab:signal stub: panic("not implemented: lab signal, part 6");
    // lab:signal end
  }

 private:
  struct Entry {
    uint64_t value = 0;
    Atomic<bool> is_there{false};
  };

  std::array<Entry, k_room> entries_;
  Atomic<uint32_t> next_in_{0};   // how many places were given to writers
  Atomic<uint32_t> next_out_{0};  // how many entries were taken
};

}  // namespace weft::labs
