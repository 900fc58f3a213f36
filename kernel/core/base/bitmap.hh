// Bitmap<n>: n bits, and the search for a clear one. For numbers that are given out and come back.
// The caller sees to locking.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/assert.hh"

namespace weft {

template <size_t k_bits>
class Bitmap {
  static_assert(k_bits % 64 == 0, "whole words");

 public:
  static constexpr size_t k_size = k_bits;

  constexpr Bitmap() = default;

  bool test(size_t bit) const { return (word_of(bit) & mask_of(bit)) != 0; }

  void set(size_t bit) {
    DEBUG_ASSERT(!test(bit), "a clear bit is set");
    word_of(bit) |= mask_of(bit);
    ++count_;
  }

  void clear(size_t bit) {
    DEBUG_ASSERT(test(bit), "a set bit is cleared");
    word_of(bit) &= ~mask_of(bit);
    --count_;
    if (bit / 64 < first_word_) first_word_ = bit / 64;
  }

  // How many bits are set.
  size_t count() const { return count_; }

  // Sets the lowest clear bit and says which; nothing if all are set.
  std::optional<size_t> set_lowest_clear() {
    for (; first_word_ < k_words; ++first_word_) {
      const unsigned in_word = std::countr_one(words_[first_word_]);
      if (in_word == 64) continue;
      const size_t bit = first_word_ * 64 + in_word;
      set(bit);
      return bit;
    }
    return std::nullopt;
  }

 private:
  static constexpr size_t k_words = k_bits / 64;

  static uint64_t mask_of(size_t bit) { return uint64_t{1} << bit % 64; }
  uint64_t& word_of(size_t bit) {
    DEBUG_ASSERT(bit < k_bits, "a bit's number is below the bitmap's size");
    return words_[bit / 64];
  }
  const uint64_t& word_of(size_t bit) const { return const_cast<Bitmap*>(this)->word_of(bit); }

  uint64_t words_[k_words] = {};
  size_t first_word_ = 0;  // all bits of the words before this one are set
  size_t count_ = 0;
};

}  // namespace weft
