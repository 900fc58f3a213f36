#include "core/mm/slab_cache.hh"

#include <algorithm>

#include "core/mm/fault_injection.hh"
#include "core/mm/page_frames.hh"
#include "core/sync/guarded.hh"

namespace weft::mm {
namespace {

[[clang::no_destroy]] constinit Guarded<SlabCacheList, Rank::cache_list> all_caches;

}  // namespace

SlabCache::~SlabCache() {
  if (!list_hook.is_linked()) return;  // it never had a slab
  trim();
  ASSERT(stats().live == 0, "all objects have come back when their cache dies");
  all_caches.with([&](SlabCacheList& all) { all.remove(*this); });
}

Result<void*> SlabCache::allocate() {
  if (allocation_must_fail()) return fail(Errno::nomem);
  void* object = take();
  while (object == nullptr) [[unlikely]] {
    TRY(grow());
    object = take();
  }
  mark_live(object, object_size_, tag_of(object));
  return object;
}

void SlabCache::free(void* object) {
  DEBUG_ASSERT(is_own(object), "an object is freed into the cache it came from");
  mark_free(object, object_size_, tag_of(object));
  put(object);
}

void* SlabCache::take() {
  auto magazine = magazines_.claim();
  if (magazine->count == 0) {
    refill(*magazine);
    if (magazine->count == 0) return nullptr;
  }
  return magazine->objects[--magazine->count];
}

void SlabCache::put(void* object) {
  auto magazine = magazines_.claim();
  if (magazine->count == magazine_room_) drain(*magazine, magazine_room_ / 2);
  magazine->objects[magazine->count++] = object;
}

// Takes a new slab from the page frames. No claim and no lock is held, so that a shortage of memory
// can be answered by trimming all caches, this one too.
Result<> SlabCache::grow() {
  const PhysAddr block = TRY(page_frames.allocate(slab_order_, FrameUse::slab));
  all_caches.with([&](SlabCacheList& all) {
    if (!list_hook.is_linked()) all.push_back(*this);
  });
  PageFrame& slab = page_frames.frame(block);
  slab.owner = this;
  slab.first_free = k_no_object;
  char* const base = static_cast<char*>(hal::phys_to_virt(block));
  for (size_t i = objects_per_slab_; i-- > 0;) {
    const size_t offset = i * stride_;
    ObjectTag& tag = tag_of(base + offset);
    prepare_object(base + offset, object_size_, tag);
    tag.next = slab.first_free;
    slab.first_free = static_cast<uint16_t>(offset);
  }
  SpinGuard guard(lock_);
  ++slabs_;
  keep_empty_slab(slab);
  return {};
}

void SlabCache::refill(Magazine& magazine) {
  SpinGuard guard(lock_);
  while (magazine.count < (magazine_room_ + 1) / 2) {
    if (partial_.empty()) {
      if (spare_ == nullptr) return;
      partial_.push_front(*spare_);
      spare_ = nullptr;
    }
    PageFrame& slab = *partial_.front();
    void* const object =
        static_cast<char*>(hal::phys_to_virt(page_frames.address(slab))) + slab.first_free;
    slab.first_free = tag_of(object).next;
    slab.references.fetch_add(1, relaxed);
    if (slab.first_free == k_no_object) partial_.remove(slab);
    ++out_;
    magazine.objects[magazine.count++] = object;
  }
}

// The objects that have been in the magazine longest go: the others may still be warm.
void SlabCache::drain(Magazine& magazine, unsigned down_to) {
  if (magazine.count <= down_to) return;
  const unsigned excess = magazine.count - down_to;
  SpinGuard guard(lock_);
  for (unsigned i = 0; i < excess; ++i) give_to_slab(magazine.objects[i]);
  std::copy_n(magazine.objects.begin() + excess, down_to, magazine.objects.begin());
  magazine.count = down_to;
}

void SlabCache::give_to_slab(void* object) {
  PageFrame& slab = slab_of(object);
  const bool was_full = slab.first_free == k_no_object;
  tag_of(object).next = slab.first_free;
  slab.first_free = offset_in_slab(object);
  --out_;
  const bool is_empty = slab.references.fetch_sub(1, relaxed) == 2;
  if (!is_empty) {
    if (was_full) partial_.push_front(slab);
    return;
  }
  if (!was_full) partial_.remove(slab);
  keep_empty_slab(slab);
}

// One empty slab is kept, so that a cache at the edge doesn't take and give a slab each time; and
// never two, even if two CPUs have fetched one at once.
void SlabCache::keep_empty_slab(PageFrame& slab) {
  if (spare_ == nullptr)
    spare_ = &slab;
  else
    release_slab(slab);
}

void SlabCache::release_slab(PageFrame& slab) {
  --slabs_;
  slab.owner = nullptr;
  page_frames.free(page_frames.address(slab), slab_order_);
}

void SlabCache::trim() {
  for (unsigned cpu = 0; cpu < hal::k_max_cpus; ++cpu) drain(*magazines_.claim_of(cpu), 0);
  SpinGuard guard(lock_);
  if (spare_ != nullptr) {
    release_slab(*spare_);
    spare_ = nullptr;
  }
}

CacheStats SlabCache::stats() {
  CacheStats stats{.name = name_, .object_size = object_size_};
  for (unsigned cpu = 0; cpu < hal::k_max_cpus; ++cpu)
    stats.cached += magazines_.claim_of(cpu)->count;
  SpinGuard guard(lock_);
  // While others work, the two counts are not of one moment.
  stats.live = out_ > stats.cached ? out_ - stats.cached : 0;
  stats.slabs = slabs_;
  stats.frames = slabs_ << slab_order_;
  return stats;
}

void SlabCache::trim_all() {
  all_caches.with([](SlabCacheList& all) {
    for (SlabCache& cache : all) cache.trim();
  });
}

size_t SlabCache::all_stats(std::span<CacheStats> stats) {
  return all_caches.with([&](SlabCacheList& all) {
    size_t count = 0;
    for (SlabCache& cache : all)
      if (count < stats.size()) stats[count++] = cache.stats();
    return count;
  });
}

// A slab is aligned to its size, so the object's address leads to its first frame.
PageFrame& SlabCache::slab_of(const void* object) const {
  const uint64_t slab_mask = (k_page_size << slab_order_) - 1;
  return page_frames.frame(static_cast<PhysAddr>(raw(hal::virt_to_phys(object)) & ~slab_mask));
}

uint16_t SlabCache::offset_in_slab(const void* object) const {
  const uint64_t slab_mask = (k_page_size << slab_order_) - 1;
  return static_cast<uint16_t>(raw(hal::virt_to_phys(object)) & slab_mask);
}

bool SlabCache::is_own(const void* object) const {
  if (!page_frames.is_known(hal::virt_to_phys(object))) return false;
  const PageFrame& slab = slab_of(object);
  return slab.state.load(relaxed) == FrameState::used && slab.use == FrameUse::slab &&
         slab.owner == this && offset_in_slab(object) % stride_ == 0;
}

}  // namespace weft::mm
