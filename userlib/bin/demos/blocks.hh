// What `means` sends from one process to another: blocks of words; and the ring in shared memory where they
// can be written and read in place.
#pragma once

#include <cstddef>
#include <cstdint>

#include "userlib/process/process_semaphore.hh"

namespace weft {

inline constexpr size_t k_blocks = 512;

// Both sides touch every word of it, whichever way it goes.
struct Block {
  uint64_t words[512];
  void fill(uint64_t number) {
    for (uint64_t& word : words) word = number;
  }
  uint64_t sum() const {
    uint64_t sum = 0;
    for (const uint64_t word : words) sum += word;
    return sum;
  }
};
inline constexpr uint64_t k_sum_of_all = k_blocks * (k_blocks - 1) / 2 * 512;

// A ring of blocks that are filled and read where they lie.
struct Ring {
  static constexpr size_t k_size = 16;
  process_semaphore free{k_size};
  process_semaphore full{0};
  Block blocks[k_size];

  void send_all() {
    for (size_t i = 0; i < k_blocks; ++i) {
      free.acquire();
      blocks[i % k_size].fill(i);
      full.release();
    }
  }
  uint64_t receive_all() {
    uint64_t sum = 0;
    for (size_t i = 0; i < k_blocks; ++i) {
      full.acquire();
      sum += blocks[i % k_size].sum();
      free.release();
    }
    return sum;
  }
};

}  // namespace weft
