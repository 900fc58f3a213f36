#include "core/base/chacha.hh"

#include <bit>

namespace weft {
namespace {

void quarter_round(ChaCha::Block& words, unsigned a, unsigned b, unsigned c, unsigned d) {
  words[a] += words[b];
  words[d] = std::rotl(words[d] ^ words[a], 16);
  words[c] += words[d];
  words[b] = std::rotl(words[b] ^ words[c], 12);
  words[a] += words[b];
  words[d] = std::rotl(words[d] ^ words[a], 8);
  words[c] += words[d];
  words[b] = std::rotl(words[b] ^ words[c], 7);
}

}  // namespace

ChaCha::Block ChaCha::next() {
  Block start{0x6170'7865, 0x3320'646e, 0x7962'2d32, 0x6b20'6574};  // "expand 32-byte k"
  for (unsigned i = 0; i < key_.size(); ++i) start[4 + i] = key_[i];
  start[12] = static_cast<uint32_t>(position_);
  start[13] = static_cast<uint32_t>(position_ >> 32);
  ++position_;
  Block words = start;
  for (unsigned round = 0; round < 10; ++round) {
    for (unsigned column = 0; column < 4; ++column) {
      quarter_round(words, column, column + 4, column + 8, column + 12);
    }
    for (unsigned column = 0; column < 4; ++column) {  // the diagonals
      quarter_round(words, column, (column + 1) % 4 + 4, (column + 2) % 4 + 8,
                    (column + 3) % 4 + 12);
    }
  }
  for (unsigned i = 0; i < words.size(); ++i) words[i] += start[i];
  return words;
}

}  // namespace weft
