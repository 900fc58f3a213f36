// mmap and its family: what addresses a process may use.
#include <algorithm>

#include "core/mm/address_space.hh"
#include "core/mm/departing_frames.hh"
#include "core/mm/page_frames.hh"

namespace weft::mm {
namespace {

bool is_user_range(VirtAddr start, size_t size) {
  return start % k_page_size == 0 && size % k_page_size == 0 && size != 0 && start <= k_user_end &&
         size <= k_user_end - start;
}

// A region, or a request for one.
bool is_data(const auto& mapping) {
  return allows(mapping.access, Access::write) && !mapping.is_shared && !mapping.grows_down;
}

}  // namespace

// RLIMIT_DATA is about all that a process may write to and shares with nobody, but for its stack.
bool AddressSpace::has_room_for_data(uint64_t more) const {
  if (limits_.data == ~uint64_t{0}) return true;
  uint64_t size = more;
  for (const Region* region = regions_.first(); region != nullptr;
       region = regions_.after(*region)) {
    if (is_data(*region)) size += region->size();
  }
  return size <= limits_.data;
}

// The stated rule for memory that is promised but not there: any mapping may be made that could be
// filled on its own, so one that is larger than all memory is refused. Those made with NORESERVE,
// and those nobody may touch, are never refused.
Result<> AddressSpace::check_room(const MapRequest& request) {
  if (regions_.total_size() + request.size > limits_.address_space) return fail(Errno::nomem);
  if (is_data(request) && !has_room_for_data(request.size)) return fail(Errno::nomem);
  const bool may_be_filled = !request.no_reserve && allows(request.access, Access::write);
  const uint64_t all_memory = page_frames.total() * k_page_size;
  if (may_be_filled && !request.object && request.size > all_memory) return fail(Errno::nomem);
  return {};
}

Result<VirtAddr> AddressSpace::choose_place(const MapRequest& request) {
  if (request.is_fixed || request.no_replace) {
    if (!is_user_range(request.address, request.size)) return fail(Errno::nomem);
    if (request.no_replace && !regions_.is_free(request.address, request.address + request.size)) {
      return fail(Errno::exist);
    }
    return request.address;
  }
  const VirtAddr hint = round_down(request.address, k_page_size);
  if (hint >= RegionMap::k_lowest && is_user_range(hint, request.size) &&
      regions_.is_free(hint, hint + request.size)) {
    return hint;
  }
  const VirtAddr place = regions_.find_free(request.size);
  if (place == 0) return fail(Errno::nomem);
  return place;
}

Result<VirtAddr> AddressSpace::map(const MapRequest& request) {
  if (request.size == 0 || request.size > k_user_end) return fail(Errno::nomem);
  Region region;
  region.access = request.access;
  region.is_shared = request.is_shared;
  region.grows_down = request.grows_down;
  region.object = request.object;
  if (request.object) request.object->note_mapped();
  region.first_page = request.offset >> k_page_shift;
  if (request.is_shared && !request.object) {
    region.object = TRY(MemoryObject::make(request.size));
    region.first_page = 0;
  }
  MutexGuard guard(lock_);
  TRY(check_room(request));
  region.start = TRY(choose_place(request));
  region.end = region.start + request.size;
  if (request.is_fixed) TRY(unmap_locked(region.start, region.end));
  TRY(regions_.insert(region));
  if (request.populate)
    (void)populate(region.start, region.end);  // as far as it goes, as Linux does
  return region.start;
}

Result<> AddressSpace::unmap(VirtAddr start, size_t size) {
  size = round_up(size, k_page_size);
  if (!is_user_range(start, size)) return fail(Errno::inval);
  MutexGuard guard(lock_);
  return unmap_locked(start, start + size);
}

Result<> AddressSpace::unmap_locked(VirtAddr start, VirtAddr end) {
  if (regions_.is_free(start, end)) return {};
  TRY(regions_.split(start));
  TRY(regions_.split(end));
  drop_pages(start, end);
  remove_guards(start, end);
  for (;;) {
    Region* region = regions_.find_or_after(start);
    if (region == nullptr || region->start >= end) return {};
    regions_.erase(*region);
  }
}

void AddressSpace::drop_pages(VirtAddr start, VirtAddr end) {
  DepartingFrames departing(table_);
  const auto take = [&](VirtAddr address, PageSlot& slot) -> Result<> {
    departing.take(address, slot);
    return {};
  };
  most_resident_.store(most_resident_pages(), relaxed);
  (void)table_.for_each(start, end, take);  // never fails
  resident_.fetch_sub(departing.total(), relaxed);
}

bool AddressSpace::is_mapped(VirtAddr start, VirtAddr end) const {
  while (start < end) {
    const Region* region = regions_.find(start);
    if (region == nullptr) return false;
    start = region->end;
  }
  return true;
}

Result<> AddressSpace::check_mapped(VirtAddr start, size_t size) {
  MutexGuard guard(lock_);
  return is_mapped(start, start + size) ? Result<>{} : fail(Errno::nomem);
}

Result<> AddressSpace::protect(VirtAddr start, size_t size, Access access) {
  size = round_up(size, k_page_size);
  if (!is_user_range(start, size)) return fail(Errno::nomem);
  const VirtAddr end = start + size;
  MutexGuard guard(lock_);
  TRY(regions_.split(start));
  TRY(regions_.split(end));
  VirtAddr at = start;
  Result<> result;
  while (at < end) {
    Region* region = regions_.find(at);
    if (region == nullptr) {
      result = fail(Errno::nomem);  // a hole; what came before it is changed
      break;
    }
    at = region->end;
    if (!is_data(*region) && allows(access, Access::write) && !region->is_shared &&
        !region->grows_down && !has_room_for_data(region->size())) {
      result = fail(Errno::nomem);
      break;
    }
    region->access = access;
    // An entry keeps no right that the region lost. It gains the right to write by a fault, which
    // knows whether the page must be copied first.
    const auto change = [&](VirtAddr, PageSlot& slot) -> Result<> {
      const PageEntry old(slot.load(relaxed));
      if (!old.has_frame()) return {};
      const Access kept = old.is_writable() ? access : without_write(access);
      slot.store(PageEntry::page(old.frame(), kept).bits(), relaxed);
      return {};
    };
    (void)table_.for_each(region->start, region->end, change);  // never fails
  }
  hal::flush_user(table_.root(), start, (at - start) >> k_page_shift);
  regions_.join_all(start, end);
  return result;
}

// ---- The heap ----------------------------------------------------------------------------------

void AddressSpace::start_heap(VirtAddr start) {
  MutexGuard guard(lock_);
  heap_start_ = heap_end_ = start;
}

VirtAddr AddressSpace::set_break(VirtAddr end) {
  MutexGuard guard(lock_);
  if (end < heap_start_ || end - heap_start_ > limits_.data) return heap_end_;
  const VirtAddr old_top = round_up(heap_end_, k_page_size);
  const VirtAddr new_top = round_up(end, k_page_size);
  if (new_top > old_top) {
    MapRequest request;
    request.address = old_top;
    request.size = new_top - old_top;
    request.access = Access::read | Access::write;
    if (!is_user_range(old_top, request.size) || !regions_.is_free(old_top, new_top) ||
        !check_room(request)) {
      return heap_end_;
    }
    Region region;
    region.start = old_top;
    region.end = new_top;
    region.access = request.access;
    if (!regions_.insert(region)) return heap_end_;
  } else if (new_top < old_top) {
    if (!unmap_locked(new_top, old_top)) return heap_end_;
  }
  heap_end_ = end;
  return end;
}

// ---- Moving ------------------------------------------------------------------------------------

Result<VirtAddr> AddressSpace::remap(VirtAddr start, size_t old_size, size_t new_size,
                                     bool may_move, bool is_fixed, VirtAddr to) {
  old_size = round_up(old_size, k_page_size);
  new_size = round_up(new_size, k_page_size);
  if (start % k_page_size != 0 || new_size == 0) return fail(Errno::inval);
  if (is_fixed && (!may_move || !is_user_range(to, new_size))) return fail(Errno::inval);
  if (is_fixed && to < start + old_size && start < to + new_size) return fail(Errno::inval);
  MutexGuard guard(lock_);
  const Region* region = regions_.find(start);
  if (region == nullptr) return fail(Errno::fault);
  if (old_size == 0 && !region->is_shared) return fail(Errno::inval);
  if (old_size > region->end - start) return fail(Errno::fault);
  if (!is_fixed && new_size <= old_size) {
    if (new_size < old_size) TRY(unmap_locked(start + new_size, start + old_size));
    return start;
  }
  MapRequest growth;
  growth.size = new_size > old_size ? new_size - old_size : 0;
  growth.access = region->access;
  growth.object = region->object;
  TRY(check_room(growth));
  const VirtAddr old_end = start + old_size;
  const VirtAddr new_end = start + new_size;
  if (!is_fixed && old_end == region->end && new_end <= k_user_end &&
      regions_.is_free(old_end, new_end)) {
    Region more;
    more.start = old_end;
    more.end = new_end;
    more.access = region->access;
    more.is_shared = region->is_shared;
    more.object = region->object;
    more.first_page = region->page_of(old_end);
    TRY(regions_.insert(more));
    return start;
  }
  if (!may_move) return fail(Errno::nomem);
  if (is_fixed) {
    TRY(unmap_locked(to, to + new_size));
  } else {
    to = regions_.find_free(new_size);
    if (to == 0) return fail(Errno::nomem);
  }
  return move_mapping(*regions_.find(start), start, old_size, new_size, to);
}

Result<VirtAddr> AddressSpace::move_mapping(const Region& from, VirtAddr start, size_t old_size,
                                            size_t new_size, VirtAddr to) {
  Region target;
  target.start = to;
  target.end = to + new_size;
  target.access = from.access;
  target.is_shared = from.is_shared;
  target.object = from.object;
  target.first_page = from.page_of(start);
  // The tables come first: after this nothing can fail half way.
  for (VirtAddr page = to; page < to + std::min(old_size, new_size); page += k_page_size) {
    TRY(table_.find_or_make(page));
  }
  TRY(regions_.insert(target));
  const size_t kept = std::min(old_size, new_size);
  const auto move = [&](VirtAddr address, PageSlot& slot) -> Result<> {
    table_.find(to + (address - start))->store(slot.exchange(0, relaxed), relaxed);
    return {};
  };
  (void)table_.for_each(start, start + kept, move);  // never fails
  hal::flush_user(table_.root(), start, kept >> k_page_shift);
  if (old_size != 0) TRY(unmap_locked(start, start + old_size));
  return to;
}

// ---- Advice ------------------------------------------------------------------------------------

Result<> AddressSpace::advise(VirtAddr start, size_t size, Advice advice) {
  size = round_up(size, k_page_size);
  if (size == 0) return {};
  if (!is_user_range(start, size)) return fail(Errno::inval);
  const VirtAddr end = start + size;
  MutexGuard guard(lock_);
  switch (advice) {
    case Advice::dont_need:
    case Advice::free: {
      // What is private is lost, what is shared stays with its object. A hole is passed over, and
      // told about at the end.
      for (VirtAddr at = start; at < end;) {
        const Region* region = regions_.find_or_after(at);
        if (region == nullptr || region->start >= end) break;
        drop_pages(std::max(region->start, at), std::min(region->end, end));
        at = region->end;
      }
      break;
    }
    case Advice::guard_install: TRY(install_guards(start, end)); break;
    case Advice::guard_remove: remove_guards(start, end); break;
    case Advice::populate: return populate(start, end);
  }
  return is_mapped(start, end) ? Result<>{} : fail(Errno::nomem);
}

Result<> AddressSpace::install_guards(VirtAddr start, VirtAddr end) {
  if (!is_mapped(start, end)) return fail(Errno::nomem);
  drop_pages(start, end);
  for (VirtAddr page = start; page < end; page += k_page_size) {
    PageSlot* const slot = TRY(table_.find_or_make(page));
    slot->store(PageEntry::guard().bits(), relaxed);
  }
  return {};
}

void AddressSpace::remove_guards(VirtAddr start, VirtAddr end) {
  const auto remove = [](VirtAddr, PageSlot& slot) -> Result<> {
    if (PageEntry(slot.load(relaxed)).is_guard()) slot.store(0, relaxed);
    return {};
  };
  (void)table_.for_each(start, end, remove);  // never fails
}

Result<> AddressSpace::resident(VirtAddr start, size_t pages, uint8_t* out) {
  MutexGuard guard(lock_);
  if (!is_mapped(start, start + pages * k_page_size)) return fail(Errno::nomem);
  for (size_t i = 0; i < pages; ++i) {
    const VirtAddr page = start + i * k_page_size;
    const PageSlot* slot = table_.find(page);
    out[i] = slot != nullptr && PageEntry(slot->load(relaxed)).has_frame() ? 1 : 0;
    const Region* region = regions_.find(page);
    if (out[i] != 0 || !region->object) continue;
    if (const auto frame = region->object->find_page(region->page_of(page))) {
      page_frames.drop_reference(*frame);
      out[i] = 1;
    }
  }
  return {};
}

}  // namespace weft::mm
