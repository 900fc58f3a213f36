// PageFrame: what the kernel keeps for each page frame (4 KiB of physical memory): its state, its
// use, and how many hold it. One array of them describes all memory; see buddy.hh.
#pragma once

#include "core/base/atomic.hh"
#include "core/base/list.hh"
#include "core/base/types.hh"

namespace weft::mm {

using weft::MemoryRegion;

// What an allocated block is for. The statistics count by it.
enum class FrameUse : uint8_t { other, page_table, slab, stack, large, user };
inline constexpr unsigned k_frame_uses = 6;
const char* frame_use_name(FrameUse use);

enum class FrameState : uint8_t {
  absent,  // no memory of ours: a hole, a device, the kernel's image
  inside,  // belongs to the block whose first frame stands before it
  free,    // first of a free block, in one of the buddy allocator's lists
  cached,  // free, in a CPU's cache
  used,    // first of an allocated block
};

// A block is 2^order frames, aligned to its size. Its first frame's descriptor speaks for all.
//
// `state` is atomic since a CPU that merges blocks looks at a neighbour that another CPU may be
// taking from its cache. Only the buddy allocator, under its lock, makes a frame `free` or takes it
// out of that state; so who sees `free` under the lock may trust `order` too.
struct PageFrame {
  ListHook hook;  // free: in the list of its order. Used: the user's own
  union {
    void* owner = nullptr;   // the user's own (a slab: its cache)
    uint64_t filled_groups;  // a page table: bit n is set if one of its slots 8n to 8n+7 was used
  };
  Atomic<uint32_t> references{0};  // how many hold the block. A slab: its cache and each object
  uint8_t order : 4 = 0;
  FrameUse use : 4 = FrameUse::other;
  Atomic<FrameState> state{FrameState::absent};
  uint16_t first_free = 0;  // a slab: the offset of its first free object
};
static_assert(sizeof(PageFrame) == 32, "1/128 of memory describes memory; not more");

using FrameList = List<PageFrame, &PageFrame::hook>;

}  // namespace weft::mm
