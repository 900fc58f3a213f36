// Making, forking and ending address spaces. Mapping is in mapping.cc, faults are in fault.cc.
#include "core/mm/address_space.hh"

#include <algorithm>
#include <cstring>

#include "core/mm/object_cache.hh"
#include "core/mm/page_frames.hh"

namespace weft::mm {
namespace {

[[clang::no_destroy]] constinit ObjectCache<AddressSpace> cache("address space");
[[clang::no_destroy]] constinit SpinLock spaces_lock{Rank::address_spaces};

}  // namespace

// Guarded by spaces_lock. For the rare file that is cut while somebody maps it. An address space stays
// in it until its end, which needs the lock: so who has a reference to one finds the next.
[[clang::no_destroy]] constinit List<AddressSpace, &AddressSpace::all_hook_> AddressSpace::all_;

Result<Ref<AddressSpace>> AddressSpace::make_unlisted() {
  auto space = Ref<AddressSpace>::adopt(TRY(cache.make()));
  TRY(space->table_.init());
  return space;
}

Result<Ref<AddressSpace>> AddressSpace::make() {
  auto space = TRY(make_unlisted());
  space->enlist();
  return space;
}

void AddressSpace::enlist() {
  SpinGuard guard(spaces_lock);
  all_.push_back(*this);
}

// The one behind it that isn't ending; of nullptr, the first.
Ref<AddressSpace> AddressSpace::next(AddressSpace* space) {
  SpinGuard guard(spaces_lock);
  for (;;) {
    space = space == nullptr ? all_.front() : all_.after(*space);
    if (space == nullptr) return {};
    if (auto found = Ref<AddressSpace>::share_unless_ending(*space)) return found;
  }
}

void AddressSpace::last_reference_gone(AddressSpace& space) { cache.destroy(&space); }

AddressSpace::~AddressSpace() {
  if (table_.root() == PhysAddr{}) return;  // init() failed
  {
    SpinGuard guard(spaces_lock);
    if (all_hook_.is_linked()) all_hook_.unlink();
  }
  // No CPU sees the table any more, so there is nothing to flush.
  hal::unload_root(table_.root());
  table_.clear([](PageEntry entry) {
    if (entry.has_frame()) page_frames.drop_reference(entry.frame());
  });
}

Result<Ref<AddressSpace>> AddressSpace::fork() {
  Ref<AddressSpace> child = TRY(make_unlisted());
  MutexGuard guard(lock_);
  child->copy_layout(*this);
  Result<> copied;
  // lab:fork begin 2
  for (Region* region = regions_.first(); region != nullptr; region = regions_.after(*region)) {
    copied = copy_region(*child, *region);
    if (!copied) break;
  }
  // The entries that lost their right to write may be in this CPU's and the threads' caches.
  hal::flush_user(table_.root(), 0, k_user_end >> k_page_shift);
  // lab:fork stub: panic("not implemented: lab fork, part 2");
  // lab:fork end
  TRY(copied);
  // Not earlier: until it is listed nobody else looks at it. And under the lock, so that who drops an
  // object's pages either was here before the copy, or comes to the child later.
  child->enlist();
  return child;
}

// The child is not known to anybody yet, and the caller has the parent's lock.
void AddressSpace::copy_layout(const AddressSpace& parent) NO_THREAD_SAFETY_ANALYSIS {
  limits_ = parent.limits_;
  heap_start_ = parent.heap_start_;
  heap_end_ = parent.heap_end_;
  text_places_ = parent.text_places_;
  if (parent.allows_barriers_.load(relaxed)) allow_barriers();
}

// The child is not known to anybody yet, so its lock isn't needed.
// An interrupt is a full fence, and a flush interrupts those CPUs; of no page, in this case. A CPU that begins
// or ends with this memory meanwhile has its fence in the switch.
Result<> AddressSpace::synchronize() {
  if (!allows_barriers_.load(relaxed)) return fail(Errno::perm);
  hal::flush_user(table_.root(), 0, 0);
  return {};
}

Result<> AddressSpace::copy_region(AddressSpace& child,
                                   const Region& region) NO_THREAD_SAFETY_ANALYSIS {
  // lab:fork begin 2
  TRY(child.regions_.insert(region));
  size_t pages = 0;
  PageTable::Filler filler(child.table_);
  const auto copy = [&](VirtAddr address, PageSlot& slot) -> Result<> {
    PageSlot* const place = TRY(filler.slot(address));  // first: after this nothing fails
    PageEntry entry(slot.load(relaxed));
    if (entry.has_frame()) {
      if (!region.is_shared && entry.is_writable()) {
        entry = entry.read_only();
        slot.fetch_and(entry.bits(), relaxed);  // the CPU may be setting `dirty` just now
      }
      page_frames.add_reference(entry.frame());
      ++pages;
    }
    place->store(entry.bits(), relaxed);
    return {};
  };
  const Result<> result = table_.for_each(region.start, region.end, copy);
  child.resident_.fetch_add(pages, relaxed);
  return result;
  // lab:fork stub: static_cast<void>(child);
  // lab:fork stub: static_cast<void>(region);
  // lab:fork stub: panic("not implemented: lab fork, part 2");
  // lab:fork end
}

void AddressSpace::drop_object_pages(const MemoryObject& object, uint64_t first_page) {
  for (Ref<AddressSpace> space = next(nullptr); space; space = next(space.get())) {
    MutexGuard guard(space->lock_);
    space->drop_region_pages(object, first_page);
  }
}

void AddressSpace::drop_region_pages(const MemoryObject& object, uint64_t first_page) {
  for (Region* region = regions_.first(); region != nullptr; region = regions_.after(*region)) {
    if (region->object.get() != &object) continue;
    const uint64_t kept = std::max(first_page, region->first_page) - region->first_page;
    if (kept < region->size() >> k_page_shift) {
      drop_pages(region->start + (kept << k_page_shift), region->end);
    }
  }
}

void AddressSpace::set_limits(const MemoryLimits& limits) {
  MutexGuard guard(lock_);
  limits_ = limits;
}

uint64_t AddressSpace::virtual_size() {
  MutexGuard guard(lock_);
  return regions_.total_size();
}

size_t AddressSpace::read(VirtAddr from, std::span<std::byte> to) {
  MutexGuard guard(lock_);
  size_t done = 0;
  while (done < to.size() && from + done < k_user_end) {
    const VirtAddr place = from + done;
    const PageSlot* const slot = table_.find(round_down(place, k_page_size));
    const PageEntry entry(slot != nullptr ? slot->load(relaxed) : 0);
    if (!entry.has_frame()) break;
    const size_t offset = place % k_page_size;
    const size_t size = std::min(to.size() - done, k_page_size - offset);
    memcpy(&to[done], static_cast<std::byte*>(hal::phys_to_virt(entry.frame())) + offset, size);
    done += size;
  }
  return done;
}

void AddressSpace::set_text_places(const TextPlaces& texts) {
  MutexGuard guard(lock_);
  text_places_ = texts;
}

TextPlaces AddressSpace::text_places() {
  MutexGuard guard(lock_);
  return text_places_;
}

bool AddressSpace::view_region(VirtAddr address, View& view) {
  MutexGuard guard(lock_);
  const Region* region = regions_.find_or_after(address);
  if (region == nullptr) return false;
  view = {region->start,      region->end,
          region->access,     region->is_shared,
          region->grows_down, heap_start_ < heap_end_ && region->contains(heap_start_),
          region->object,     region->first_page << k_page_shift};
  return true;
}

Result<AddressSpace::WordKey> AddressSpace::key_of(VirtAddr address) {
  MutexGuard guard(lock_);
  const Region* region = regions_.find(address);
  if (region == nullptr) return fail(Errno::fault);
  if (!region->is_shared) {
    regions_.note(*region);
    return WordKey{this, address, {}};
  }
  const uint64_t offset = region->page_of(address) * k_page_size + address % k_page_size;
  return WordKey{region->object.get(), offset, region->object};
}

}  // namespace weft::mm
