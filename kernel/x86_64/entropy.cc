// Randomness: the CPU's own source if it has one, and always how long things took.
#include "core/hal.hh"
#include "x86_64/features.hh"
#include "x86_64/registers.hh"

namespace weft::x86 {
namespace {

// The source may have nothing to give for a moment. Then the time stamp alone has to do.
uint64_t random_word() {
  constexpr unsigned k_most_tries = 10;
  for (unsigned tries = 0; features.random && tries < k_most_tries; ++tries) {
    uint64_t word;
    bool is_good;
    asm volatile("rdrand %0" : "=r"(word), "=@ccc"(is_good));
    if (is_good) return word;
  }
  return 0;
}

}  // namespace
}  // namespace weft::x86

std::array<uint64_t, 4> weft::hal::entropy() {
  std::array<uint64_t, 4> words;
  for (uint64_t& word : words) word = x86::random_word() ^ x86::read_tsc();
  return words;
}
