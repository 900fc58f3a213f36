#include "core/fs/random.hh"

#include <algorithm>

#include "core/base/chacha.hh"
#include "core/hal.hh"
#include "core/sync/guarded.hh"

namespace weft::fs {
namespace {

// The state is a key. Each call mixes in what the machine offers, and uses the key for one block, half
// of which is the next key, and half the caller's own. So who learns the key later learns nothing of
// what was given out before, and callers don't wait for each other.
struct Pool {
  ChaCha::Key key{};
};
[[clang::no_destroy]] constinit Guarded<Pool, Rank::random> pool;

ChaCha::Key take_key() {
  const auto entropy = hal::entropy();
  return pool.with([&](Pool& state) {
    for (unsigned i = 0; i < entropy.size(); ++i) {
      state.key[2 * i] ^= static_cast<uint32_t>(entropy[i]);
      state.key[2 * i + 1] ^= static_cast<uint32_t>(entropy[i] >> 32);
    }
    const ChaCha::Block block = ChaCha(state.key).next();
    ChaCha::Key own;
    std::copy_n(block.begin(), own.size(), state.key.begin());
    std::copy_n(block.begin() + own.size(), own.size(), own.begin());
    return own;
  });
}

}  // namespace

Result<size_t> read_random(IoBuffer& to) {
  ChaCha stream(take_key());
  size_t done = 0;
  while (to.left() > 0 && !to.met_bad_address()) {
    const ChaCha::Block block = stream.next();
    done += to.put(&block, std::min(sizeof block, to.left()));
  }
  return to.result(done);
}

}  // namespace weft::fs
