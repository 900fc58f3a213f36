// SlabCache: memory for objects of one size. Slabs, blocks of page frames, are cut into objects; each
// CPU keeps a magazine of free objects, so that most calls touch nothing shared.
// ObjectCache<T> (object_cache.hh) and the heap (heap.hh) stand on it.
//
// A slab has no header. Its block's PageFrame says all: `owner` is the cache, `references` counts the
// objects that are out of the slab (and one for the cache itself), `first_free` begins the chain of
// the free ones, which goes through their tags (object_check.hh).
#pragma once

#include <array>
#include <span>

#include "core/base/list.hh"
#include "core/base/result.hh"
#include "core/mm/object_check.hh"
#include "core/mm/page_frame.hh"
#include "core/mm/per_cpu.hh"
#include "core/sync/spin_lock.hh"

namespace weft::mm {

struct CacheStats {
  const char* name = nullptr;
  size_t object_size = 0;
  size_t live = 0;    // objects that somebody has
  size_t cached = 0;  // free, in the CPUs' magazines
  size_t slabs = 0;
  size_t frames = 0;  // of all slabs
};

class SlabCache {
 public:
  static constexpr size_t k_largest_object = k_page_size;
  static constexpr unsigned k_largest_slab_order = 3;

  // The name is a literal: the statistics show it.
  constexpr SlabCache(const char* name, size_t object_size, size_t alignment)
      : name_(name),
        object_size_(object_size),
        tag_offset_(k_objects_are_checked ? round_up(object_size, alignof(ObjectTag)) : 0),
        stride_(stride(object_size, alignment)),
        slab_order_(slab_order(stride_)),
        objects_per_slab_((k_page_size << slab_order_) / stride_),
        magazine_room_(magazine_room(object_size)) {
    ASSERT(object_size <= k_largest_object, "an object of a cache is a page at most");
  }
  // All objects have come back.
  ~SlabCache();
  SlabCache(const SlabCache&) = delete;
  SlabCache& operator=(const SlabCache&) = delete;

  // Memory for one object, with no promise about what's in it. Errno::nomem if there is none. Any
  // context that may allocate page frames.
  Result<void*> allocate();
  // An object of this cache; debug builds panic if it isn't one, or isn't live.
  void free(void* object);

  const char* name() const { return name_; }
  // Empties the magazines and gives back all slabs without an object.
  void trim();
  CacheStats stats();

  static void trim_all();
  // The statistics of all caches that ever had a slab, as many as fit; how many.
  static size_t all_stats(std::span<CacheStats> stats);

  ListHook list_hook;  // in the list of all caches

 private:
  struct Magazine {
    static constexpr unsigned k_room = 30;

    unsigned count = 0;
    std::array<void*, k_room> objects{};
  };

  static constexpr size_t stride(size_t object_size, size_t alignment) {
    const size_t tagged = k_objects_are_checked
                              ? round_up(object_size, alignof(ObjectTag)) + sizeof(ObjectTag)
                              : object_size;
    return round_up(tagged, alignment > alignof(void*) ? alignment : alignof(void*));
  }

  // The smallest slab that holds a few objects and wastes little.
  static constexpr unsigned slab_order(size_t stride) {
    for (unsigned order = 0; order < k_largest_slab_order; ++order) {
      const size_t bytes = k_page_size << order;
      if (bytes / stride >= 8 && bytes % stride <= bytes / 8) return order;
    }
    return k_largest_slab_order;
  }

  // Large objects are kept in small numbers only.
  static constexpr unsigned magazine_room(size_t object_size) {
    return object_size <= 256 ? Magazine::k_room : object_size <= 1024 ? 16 : 8;
  }

  void* take();
  void put(void* object);
  // Out of line, so that the way through a magazine saves no registers for them.
  [[gnu::noinline]] Result<> grow();
  [[gnu::noinline]] void refill(Magazine& magazine);
  [[gnu::noinline]] void drain(Magazine& magazine, unsigned down_to);
  void give_to_slab(void* object) REQUIRES(lock_);
  void keep_empty_slab(PageFrame& slab) REQUIRES(lock_);
  void release_slab(PageFrame& slab) REQUIRES(lock_);

  ObjectTag& tag_of(void* object) const {
    return *reinterpret_cast<ObjectTag*>(static_cast<char*>(object) + tag_offset_);
  }
  PageFrame& slab_of(const void* object) const;
  uint16_t offset_in_slab(const void* object) const;
  bool is_own(const void* object) const;

  const char* name_;
  size_t object_size_;
  size_t tag_offset_;
  size_t stride_;  // from one object to the next
  unsigned slab_order_;
  size_t objects_per_slab_;
  unsigned magazine_room_;

  PerCpu<Magazine> magazines_;

  SpinLock lock_{Rank::object_cache};
  FrameList partial_ GUARDED_BY(lock_);           // slabs with objects both out and free
  PageFrame* spare_ GUARDED_BY(lock_) = nullptr;  // one slab with all objects free
  size_t slabs_ GUARDED_BY(lock_) = 0;
  size_t out_ GUARDED_BY(lock_) = 0;  // objects out of their slabs
};

using SlabCacheList = List<SlabCache, &SlabCache::list_hook>;

}  // namespace weft::mm
