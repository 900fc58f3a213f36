// Where frames come from that no thread has at hand, and go to when one has too many: in batches, behind a lock.
//
// New ones are cut from pieces of memory, each of which serves all sizes. The first piece is small, and only what has
// been cut from it is ever touched, so a single task costs a page or two; of a million frames next to nothing is lost.
// As with the coroutines' blocks, pieces are never given back: their frames are used again, by other threads, too, but
// only for the same size.
#pragma once

#include <cstddef>

namespace weft::detail {

// What a frame that nobody uses holds. The first of a batch has the other two words, too.
struct FreeFrame {
  FreeFrame* next;
  FreeFrame* next_batch;
  size_t count;  // in this batch
};

// A whole batch has as many frames as fit into this. (One that was left over may have fewer.)
inline constexpr size_t k_batch_bytes = 4096;

// A batch of frames of that list, i.e. size (FrameCache::list_of()).
FreeFrame* take_batch(size_t list);
void give_batch(size_t list, FreeFrame* first) noexcept;

// For tests: how many bytes have been cut from pieces, or were lost at their ends.
size_t frame_bytes_cut();

}  // namespace weft::detail
