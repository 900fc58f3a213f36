// ChaCha20, against the published test vector for a key of zeros.
#include "core/base/chacha.hh"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(ChaCha, GivesThePublishedStream) {
  ChaCha stream(ChaCha::Key{});
  const ChaCha::Block first = stream.next();
  EXPECT_EQ(first[0], 0xade0b876u);
  EXPECT_EQ(first[1], 0x903df1a0u);
  EXPECT_EQ(first[15], 0x8665eeb2u);
  const ChaCha::Block second = stream.next();
  EXPECT_EQ(second[0], 0xbee7079fu) << "the position counts";
}

TEST(ChaCha, AnotherKeyIsAnotherStream) {
  ChaCha::Key key{};
  key[7] = 1;
  EXPECT_NE(ChaCha(key).next(), ChaCha(ChaCha::Key{}).next());
}

}  // namespace
}  // namespace weft
