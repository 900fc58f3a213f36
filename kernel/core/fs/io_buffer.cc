#include "core/fs/io_buffer.hh"

#include <algorithm>
#include <cstring>

#include "core/hal.hh"

namespace weft::fs {

IoBuffer IoBuffer::user(std::span<const abi::IoVector> pieces) {
  size_t left = 0;
  for (const abi::IoVector& piece : pieces) left += piece.length;
  return {0, 0, pieces, left, Memory::users};
}

template <typename Move>
size_t IoBuffer::move(size_t size, Move move_piece) {
  size_t moved = 0;
  while (moved < size && left_ > 0 && memory_ != Memory::bad) {
    if (size_ == 0) {
      address_ = reinterpret_cast<VirtAddr>(rest_.front().base);
      size_ = rest_.front().length;
      rest_ = rest_.subspan(1);
      continue;
    }
    const size_t wanted = std::min(size - moved, size_);
    const size_t missing = move_piece(moved, wanted);
    moved += note_moved(wanted, missing);
  }
  return moved;
}

size_t IoBuffer::take_pieces(void* to, size_t size) {
  auto* const target = static_cast<std::byte*>(to);
  return move(size, [&](size_t done, size_t wanted) -> size_t {
    if (memory_ != Memory::kernels) return hal::copy_from_user(target + done, address_, wanted);
    memcpy(target + done, reinterpret_cast<const void*>(address_), wanted);
    return 0;
  });
}

size_t IoBuffer::put_pieces(const void* from, size_t size) {
  const auto* const source = static_cast<const std::byte*>(from);
  return move(size, [&](size_t done, size_t wanted) -> size_t {
    if (memory_ != Memory::kernels) return hal::copy_to_user(address_, source + done, wanted);
    memcpy(reinterpret_cast<void*>(address_), source + done, wanted);
    return 0;
  });
}

void IoBuffer::skip(size_t size) {
  (void)move(size, [](size_t, size_t) -> size_t { return 0; });
}

size_t IoBuffer::put_zeros(size_t size) {
  return move(size, [&](size_t, size_t wanted) -> size_t {
    if (memory_ != Memory::kernels) return hal::clear_user(address_, wanted);
    memset(reinterpret_cast<void*>(address_), 0, wanted);
    return 0;
  });
}

}  // namespace weft::fs
