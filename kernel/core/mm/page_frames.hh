// PageFrames: who wants physical memory asks here. Blocks of 2^order frames from the buddy allocator
// (buddy.hh); single frames, the common case, from a small cache that each CPU has for itself.
// Used by all of the kernel; any context may allocate and free that holds no lock of rank
// cache_list or above.
#pragma once

#include <array>
#include <span>

#include "core/base/result.hh"
#include "core/mm/buddy.hh"
#include "core/mm/page_frame.hh"
#include "core/mm/per_cpu.hh"
#include "core/sync/guarded.hh"

namespace weft::mm {

// A moment's count of all frames: total == free + cached + all that is used.
struct FrameStats {
  uint64_t total = 0;
  uint64_t free = 0;       // in the buddy allocator
  uint64_t untouched = 0;  // those of the free ones that nobody has looked at yet
  uint64_t cached = 0;     // in the CPUs' caches
  std::array<uint64_t, k_frame_uses> used{};

  uint64_t used_as(FrameUse use) const { return used[static_cast<size_t>(use)]; }
  uint64_t used_in_all() const;
};

class PageFrames {
 public:
  static constexpr unsigned k_largest_order = Buddy::k_largest_order;
  static constexpr size_t k_largest_block = k_page_size << k_largest_order;

  constexpr PageFrames() = default;

  // Starts, once, with these regions as all the memory there is; their descriptors are placed in the
  // largest. Errno::nomem if they don't fit there.
  Result<> init(std::span<const MemoryRegion> free_regions);

  // A block of 2^order frames, with one reference. Errno::nomem if there is none of that size.
  Result<PhysAddr> allocate(unsigned order, FrameUse use = FrameUse::other);
  // The same, filled with zeros.
  Result<PhysAddr> allocate_zeroed(unsigned order, FrameUse use = FrameUse::other);
  // Gives back a whole block, of which the caller has the only reference.
  void free(PhysAddr block, unsigned order);

  // A block can have several holders (copy-on-write); the last to let go frees it.
  void add_reference(PhysAddr block);
  void drop_reference(PhysAddr block);

  // The descriptor of a frame that is or was allocated, and the way back.
  PageFrame& frame(PhysAddr address) const { return table_[raw(address) >> k_page_shift]; }
  PhysAddr address(const PageFrame& frame) const {
    return static_cast<PhysAddr>(static_cast<uint64_t>(&frame - table_) << k_page_shift);
  }
  // This address is in memory whose descriptors have been written. Slow.
  bool is_known(PhysAddr address);

  // Asked for help when an allocation finds no memory, before it tries once more. It gives back
  // what it can of what others keep in store.
  using Reclaim = void (*)();
  void set_reclaim(Reclaim reclaim) { reclaim_ = reclaim; }

  // Empties the CPUs' caches, so that all that is free can merge.
  void trim();
  FrameStats stats();
  // Programs' memory (FrameUse::user) comes out of all but the last frames: with those the kernel can
  // still do its work. Is there some left for programs? And so much that it makes sense to begin
  // something new?
  bool has_for_programs() { return free_at_least(total_ / k_reserved_part); }
  bool has_plenty() { return free_at_least(total_ / k_plenty_part); }
  // All frames there are.
  uint64_t total() const { return total_; }
  // How many free blocks there are of each order.
  std::array<size_t, k_largest_order + 1> free_blocks();

 private:
  struct Cache {
    static constexpr unsigned k_room = 64;
    static constexpr unsigned k_batch = k_room / 2;

    unsigned count = 0;
    std::array<PageFrame*, k_room> frames{};
    // Frames that went out here less those that came back here. A block may come back on another
    // CPU, so one CPU's number can go below zero; only the sum over all CPUs means something.
    std::array<int64_t, k_frame_uses> used{};

    // The block goes out to somebody, for this use.
    void note_taken(PageFrame& block, unsigned order, FrameUse use);
  };

  static constexpr uint64_t k_reserved_part = 256;
  static constexpr uint64_t k_plenty_part = 64;

  // Without what the CPUs have in their caches.
  bool free_at_least(uint64_t count) {
    return buddy_.with([=](const Buddy& buddy) { return buddy.free() > count; });
  }

  PageFrame* take(unsigned order, FrameUse use);
  PageFrame* take_single(FrameUse use);
  void put_back(PageFrame& block, unsigned order);
  // Out of line, so that the way of a single frame through a cache saves no registers for them.
  [[gnu::noinline]] PageFrame* take_block(unsigned order, FrameUse use);
  [[gnu::noinline]] void put_back_block(PageFrame& block, unsigned order);
  [[gnu::noinline]] void refill(Cache& cache, FrameUse use);
  [[gnu::noinline]] void drain(Cache& cache, unsigned down_to);
  PageFrame& allocated_block(PhysAddr block, unsigned order);
  [[noreturn]] void report_wrong_free(PhysAddr block, unsigned order);

  PageFrame* table_ = nullptr;
  uint64_t total_ = 0;
  Reclaim reclaim_ = nullptr;
  PerCpu<Cache> caches_;
  Guarded<Buddy, Rank::page_frames> buddy_;
};

// The machine's.
extern PageFrames page_frames;

}  // namespace weft::mm
