// Buddy: the allocator of page frames below the per-CPU caches (page_frames.hh). It hands out blocks
// of 2^order frames and merges them again when they come back: two blocks of one size that differ
// only in one bit of their number are buddies, and two free buddies make one free block.
//
// Memory is looked at lazily. All memory is divided into chunks of the largest block's size, and a
// chunk's descriptors are written when the first block of it is needed. So a machine with 256 GiB
// boots as fast as one with 64 MiB. The tricky part is that descriptors behind the frontier are
// garbage: nothing may read them.
#pragma once

#include <array>
#include <span>

#include "core/base/result.hh"
#include "core/mm/page_frame.hh"

namespace weft::mm {

class Buddy {
 public:
  static constexpr unsigned k_largest_order = 10;
  static constexpr uint64_t k_chunk_frames = uint64_t{1} << k_largest_order;
  static constexpr unsigned k_most_regions = 64;

  constexpr Buddy() = default;

  // How many descriptors these regions need: one for each frame from address 0 to the last region's
  // end, rounded up to whole chunks.
  static uint64_t descriptors_for(std::span<const MemoryRegion> regions);

  // Starts, once, with these regions, all of it free, and a table with room for descriptors_for(regions),
  // whatever it holds. Regions don't overlap. The table's own place, if it is in a region, is at the
  // region's beginning. If there are more than k_most_regions, the smallest are left out; how many
  // frames were lost that way. The frame at address 0 is never used.
  uint64_t init(std::span<const MemoryRegion> regions, PageFrame* table,
                const MemoryRegion& table_place = {});

  // A block with state `inside` on all its frames but the first, whose state the caller sets.
  // nullptr if no block is large enough.
  PageFrame* take(unsigned order);
  // Single frames, as many as there is room for; how many there were. They get the state `cached`.
  // Much cheaper than one by one: a block is taken whole. Fragments go first.
  size_t take_singles(std::span<PageFrame*> room);
  // A block from take(), whole. The caller has checked that it is one.
  void give_back(PageFrame& block, unsigned order);

  // The frame lies in a region, and its descriptor has been written.
  bool is_known(uint64_t number) const;
  PageFrame& frame(uint64_t number) const { return table_[number]; }
  uint64_t number(const PageFrame& frame) const { return static_cast<uint64_t>(&frame - table_); }

  // All frames of the regions; those of them that are free; and those not even looked at.
  uint64_t total() const { return total_; }
  uint64_t free() const { return free_; }
  uint64_t untouched() const { return untouched_; }
  // How many free blocks there are of exactly this order.
  size_t blocks(unsigned order) const;

 private:
  // Frame numbers from `first` to before `end`.
  struct Range {
    uint64_t first = 0;
    uint64_t end = 0;
    uint64_t size() const { return end - first; }
  };

  uint64_t add_region(Range region);
  bool open_next_chunk();
  void open_chunk(uint64_t chunk);
  void add_free(Range range);
  void insert(PageFrame& block, unsigned order);
  void remove(PageFrame& block, unsigned order);

  PageFrame* table_ = nullptr;
  std::array<FrameList, k_largest_order + 1> lists_;
  uint32_t orders_ = 0;  // bit n: the list of order n has a block

  std::array<Range, k_most_regions> regions_;  // by address; no two touch a common frame
  size_t region_count_ = 0;
  size_t next_region_ = 0;   // the regions before it are all open
  uint64_t next_chunk_ = 0;  // the frontier: this chunk and those behind it are not open

  uint64_t total_ = 0;
  uint64_t free_ = 0;       // in the lists, and untouched
  uint64_t untouched_ = 0;  // behind the frontier
};

}  // namespace weft::mm
