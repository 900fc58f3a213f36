// IoBuffer: pieces of memory used up from the front, and bad addresses among them.
#include "core/fs/io_buffer.hh"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "unit/support/machine.hh"
#include "unit/support/user_space.hh"

namespace weft::fs {
namespace {

TEST(IoBuffer, KernelMemoryIsUsedUpFromTheFront) {
  std::string memory = "0123456789";
  IoBuffer from = IoBuffer::kernel(std::as_writable_bytes(std::span(memory)));
  std::string taken(4, '?');
  EXPECT_EQ(from.take(taken.data(), 4), 4u);
  EXPECT_EQ(taken, "0123");
  EXPECT_EQ(from.left(), 6u);
  EXPECT_EQ(from.put("ab", 2), 2u);
  EXPECT_EQ(from.put_zeros(100), 4u);
  EXPECT_EQ(memory, std::string("0123ab\0\0\0\0", 10));
  EXPECT_EQ(from.put("x", 1), 0u);
  EXPECT_FALSE(from.met_bad_address());
}

TEST(IoBuffer, PiecesFollowOneAnother) {
  host::Machine().run([] {
    host::UserSpace user;
    mm::MapRequest request;
    request.size = 2 * k_page_size;
    request.access = mm::Access::read | mm::Access::write;
    const VirtAddr place = user->map(request).value();
    ASSERT_TRUE(user.write(place, 0));
    const auto pointer = [&](size_t offset) { return reinterpret_cast<void*>(place + offset); };
    const std::array<abi::IoVector, 4> pieces{
        {{pointer(0), 3}, {pointer(100), 0}, {pointer(k_page_size - 2), 4}, {pointer(50), 1}}};
    IoBuffer to = IoBuffer::user(pieces);
    EXPECT_EQ(to.left(), 8u);
    EXPECT_EQ(to.put("abcdefghijk", 11), 8u);
    EXPECT_EQ(to.left(), 0u);
    IoBuffer from = IoBuffer::user(pieces);
    std::string text(8, '?');
    EXPECT_EQ(from.take(text.data(), 5), 5u);
    EXPECT_EQ(from.take(text.data() + 5, 5), 3u);
    EXPECT_EQ(text, "abcdefgh");
  });
}

TEST(IoBuffer, ABadAddressEndsItAndCountsOnlyIfNothingWasMoved) {
  host::Machine().run([] {
    host::UserSpace user;
    mm::MapRequest request;
    request.size = k_page_size;
    request.access = mm::Access::read | mm::Access::write;
    const VirtAddr place = user->map(request).value();
    ASSERT_TRUE(user.write(place, 0));
    IoBuffer to = IoBuffer::user(place + k_page_size - 3, 10);
    const size_t put = to.put("abcdef", 6);
    EXPECT_EQ(put, 3u);
    EXPECT_TRUE(to.met_bad_address());
    EXPECT_EQ(to.result(put).value(), 3u);
    EXPECT_EQ(to.put("x", 1), 0u) << "it stays at the bad address";
    EXPECT_EQ(to.result(0).error(), Errno::fault);
  });
}

}  // namespace
}  // namespace weft::fs
