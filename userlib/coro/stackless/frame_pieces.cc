#include "userlib/coro/stackless/frame_pieces.hh"

#include <algorithm>

#include "userlib/base/lock.hh"
#include "userlib/coro/stackless/frame_memory.hh"
#include "userlib/syscalls.hh"

namespace weft::detail {
namespace {

constexpr size_t k_first_piece = size_t{64} << 10;
constexpr size_t k_largest_piece = size_t{4} << 20;

constinit Lock lock;
constinit FreeFrame* batches[FrameCache::k_lists] GUARDED_BY(lock) = {};
// What is left of the newest piece.
constinit char* rest GUARDED_BY(lock) = nullptr;
constinit size_t rest_bytes GUARDED_BY(lock) = 0;
constinit size_t next_piece GUARDED_BY(lock) = k_first_piece;
constinit size_t bytes_in_pieces GUARDED_BY(lock) = 0;

void begin_piece() REQUIRES(lock) {
  const auto place =
      sys::mmap(nullptr, next_piece, abi::k_prot_read | abi::k_prot_write,
                abi::k_map_private | abi::k_map_anonymous | abi::k_map_noreserve, -1, 0);
  ASSERT(place.has_value(), "there is memory for one more frame");
  rest = static_cast<char*>(*place);
  rest_bytes = next_piece;
  bytes_in_pieces += next_piece;
  next_piece = std::min(2 * next_piece, k_largest_piece);
}

// Linked so that they are handed out in the order of their addresses.
FreeFrame* cut(size_t list) REQUIRES(lock) {
  const size_t size = list * FrameCache::k_unit;
  if (rest_bytes < size) begin_piece();
  const size_t whole = k_batch_bytes / size;
  const size_t left = rest_bytes / size;
  const size_t count = left < whole ? left : whole;
  FreeFrame* first = nullptr;
  for (size_t i = count; i-- > 0;) {
    auto* frame = reinterpret_cast<FreeFrame*>(rest + i * size);
    frame->next = first;
    first = frame;
  }
  first->count = count;
  rest += count * size;
  rest_bytes -= count * size;
  return first;
}

}  // namespace

FreeFrame* take_batch(size_t list) {
  const LockGuard held(lock);
  FreeFrame* first = batches[list];
  if (first == nullptr) return cut(list);
  batches[list] = first->next_batch;
  return first;
}

void give_batch(size_t list, FreeFrame* first) noexcept {
  const LockGuard held(lock);
  first->next_batch = batches[list];
  batches[list] = first;
}

size_t frame_bytes_cut() {
  const LockGuard held(lock);
  return bytes_in_pieces - rest_bytes;
}

}  // namespace weft::detail
