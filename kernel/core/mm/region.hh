// Region: a run of pages of one process that were mapped together and may be used in the same way.
// RegionMap: all regions of a process, sorted, none over another.
#pragma once

#include "core/base/atomic.hh"
#include "core/base/list.hh"
#include "core/base/rbtree.hh"
#include "core/base/ref.hh"
#include "core/base/types.hh"
#include "core/mm/memory_object.hh"
#include "core/mm/page_table.hh"

namespace weft::mm {

struct Region {
  VirtAddr start = 0;
  VirtAddr end = 0;
  Access access = Access::none;
  bool is_shared = false;    // writes go to the object; otherwise each process has its own copy
  bool grows_down = false;   // a stack: extends itself when touched just below
  Ref<MemoryObject> object;  // empty: zeros
  uint64_t first_page = 0;   // of the object, at `start`

  RbNode node;
  ListHook order_hook;
  size_t hole = 0;          // what is free behind it, up to the next or to RegionMap::k_top
  size_t largest_hole = 0;  // of the subtree below this node

  size_t size() const { return end - start; }
  bool contains(VirtAddr address) const { return start <= address && address < end; }
  uint64_t page_of(VirtAddr address) const {
    return first_page + ((address - start) >> k_page_shift);
  }
  // `next` begins where this ends and is alike in all else, so that the two can be one.
  bool continues_in(const Region& next) const;
};

class RegionMap {
 public:
  RegionMap() = default;
  ~RegionMap();
  RegionMap(const RegionMap&) = delete;
  RegionMap& operator=(const RegionMap&) = delete;

  // The region around the address, or the first behind it; nullptr if there is none.
  Region* find_or_after(VirtAddr address) const;
  Region* find(VirtAddr address) const;
  Region* first() const { return order_.front(); }
  Region* after(const Region& region) const { return order_.after(region); }
  // The region that ends last before the address begins.
  Region* before(VirtAddr address) const;

  // Puts a copy of `region` in, joined with its neighbours where they are alike. The place is free.
  Result<> insert(const Region& region);
  // Makes a border at the address, if it is inside a region. Errno::nomem.
  Result<> split(VirtAddr address);
  // Takes the region out and ends it.
  void erase(Region& region);
  // Joins what is alike again, after a change in this range.
  void join_all(VirtAddr start, VirtAddr end);

  // Mappings without a wish go between these two. (Below the lowest nothing is, to catch null pointers.)
  static constexpr VirtAddr k_lowest = 0x10000;
  static constexpr VirtAddr k_top = 0x7fff'0000'0000;
  // The highest free place of that size there; 0 if there is none. O(log n).
  VirtAddr find_free(size_t size) const;
  bool is_free(VirtAddr start, VirtAddr end) const;

  // The address is in the region that note() was last told of, and that region is still there.
  // Without a lock: it was true at the moment of the call. For what is asked again and again.
  bool is_in_noted(VirtAddr address) const {
    const uint64_t run = noted_run_.load(relaxed);
    return (address >> k_page_shift) - (run >> k_run_bits) < (run & k_longest_run);
  }
  void note(const Region& region);

  size_t count() const { return count_; }
  uint64_t total_size() const { return total_size_; }
  // The last step of growth: `start` moves down. Keeps the totals.
  void grow_down(Region& region, VirtAddr start);

 private:
  struct Order {
    static bool before(const Region& a, const Region& b) { return a.start < b.start; }
    static bool summarize(Region& top, const Region* left, const Region* right);
  };
  using Tree = RbTree<Region, &Region::node, Order>;

  void link_behind(Region* before, Region& region);
  void measure_hole(Region* before);
  void join_with_next(Region& region);
  const Region* last_with_hole(size_t size) const;

  // A run of pages in one word: the number of the first, and how many. An address has 47 bits.
  static constexpr unsigned k_run_bits = 29;
  static constexpr uint64_t k_longest_run = (uint64_t{1} << k_run_bits) - 1;

  Tree regions_;
  Atomic<uint64_t> noted_run_{0};  // changed under the owner's lock; 0: none
  List<Region, &Region::order_hook> order_;
  mutable Region* last_found_ = nullptr;  // faults come in runs, and so do changes
  size_t count_ = 0;
  uint64_t total_size_ = 0;
};

}  // namespace weft::mm
