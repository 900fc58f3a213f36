// ChaCha20 (Bernstein, 2008; RFC 8439): a stream that nobody can foresee who does not have its key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace weft {

class ChaCha {
 public:
  using Key = std::array<uint32_t, 8>;
  using Block = std::array<uint32_t, 16>;

  explicit ChaCha(const Key& key) : key_(key) {}
  // The stream's next 64 bytes.
  Block next();

 private:
  Key key_;
  uint64_t position_ = 0;
};

}  // namespace weft
