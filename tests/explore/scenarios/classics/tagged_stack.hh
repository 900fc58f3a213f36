// A stack of numbered nodes without locks (R. K. Treiber, 1986). One word holds the number of the top
// node and a tag. Every change counts the tag up, so that a word that was read long ago is not taken
// for the same again when the same node has come back to the top.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/atomic.hh"

namespace weft::explore {

inline constexpr uint32_t k_no_node = 0xffff;

// Counts changes.
struct Tagged {
  uint32_t node = k_no_node;
  uint32_t tag = 0;

  Tagged with(uint32_t node) const { return {node, tag + 1}; }
  uint64_t word() const { return uint64_t{tag} << 32 | node; }
  static Tagged from(uint64_t word) {
    return {static_cast<uint32_t>(word), static_cast<uint32_t>(word >> 32)};
  }
};

// Doesn't.
struct Untagged {
  uint32_t node = k_no_node;

  Untagged with(uint32_t node) const { return {node}; }
  uint64_t word() const { return node; }
  static Untagged from(uint64_t word) { return {static_cast<uint32_t>(word)}; }
};

template <typename Top>
class TreiberStack {
 public:
  void push(uint32_t node) {
    uint64_t seen = top_.load(relaxed);
    do {
      below_[node].store(Top::from(seen).node, relaxed);
    } while (!top_.compare_exchange(seen, Top::from(seen).with(node).word(), acq_rel));
  }

  // k_no_node if it is empty.
  uint32_t pop() {
    uint64_t seen = top_.load(acquire);
    for (;;) {
      const Top top = Top::from(seen);
      if (top.node == k_no_node) return k_no_node;
      // Another may pop this node, and push it again, before the exchange below.
      const uint32_t next = below_[top.node].load(relaxed);
      if (top_.compare_exchange(seen, top.with(next).word(), acq_rel)) return top.node;
    }
  }

 private:
  Atomic<uint64_t> top_{Top{}.word()};
  std::array<Atomic<uint32_t>, 4> below_{};
};

}  // namespace weft::explore
