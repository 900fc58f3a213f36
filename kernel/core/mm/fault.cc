// What happens when a program touches an address: the page comes, is copied, or the touch is wrong.
#include <cstring>

#include "core/mm/address_space.hh"
#include "core/mm/page_frames.hh"

namespace weft::mm {
namespace {

constexpr size_t k_stack_gap = 256 * k_page_size;  // kept free below a stack

}  // namespace

// Part of handle_fault(), the hot one of its two callers.
[[gnu::always_inline]] inline FaultResult AddressSpace::fault_locked(VirtAddr page, Access wanted) {
  // lab:fork begin 1
  const Region* region = regions_.find(page);
  if (region == nullptr) region = grow_stack(page);
  if (region == nullptr) return FaultResult::bad_address;
  // The CPU can't forbid reading alone: what may be written or executed may be read.
  const bool is_allowed =
      wanted == Access::read ? region->access != Access::none : allows(region->access, wanted);
  if (!is_allowed) return FaultResult::bad_access;
  const Result<PageSlot*> slot = table_.find_or_make(page);
  if (!slot) return FaultResult::no_memory;
  const PageEntry entry((*slot)->load(relaxed));
  if (entry.permits(wanted)) return FaultResult::handled;  // another thread was faster
  if (entry.is_guard()) return FaultResult::bad_address;
  return entry.has_frame() ? replace_page(*region, page, wanted, **slot)
                           : bring_page(*region, page, wanted, **slot);
  // lab:fork stub: static_cast<void>(page);
  // lab:fork stub: static_cast<void>(wanted);
  // lab:fork stub: panic("not implemented: lab fork, part 1");
  // lab:fork end
}

FaultResult AddressSpace::handle_fault(VirtAddr address, Access wanted) {
  if (address >= k_user_end) return FaultResult::bad_address;
  MutexGuard guard(lock_);
  return fault_locked(round_down(address, k_page_size), wanted);
}

// There is no page yet.
FaultResult AddressSpace::bring_page(const Region& region, VirtAddr page, Access wanted,
                                     PageSlot& slot) {
  if (region.object) return bring_object_page(region, page, wanted, slot);
  // lab:fork begin 1
  const Result<PhysAddr> frame = page_frames.allocate_zeroed(0, FrameUse::user);
  if (!frame) return FaultResult::no_memory;
  slot.store(PageEntry::page(*frame, region.access).bits(), release);
  resident_.fetch_add(1, relaxed);
  return FaultResult::handled;
  // lab:fork stub: panic("not implemented: lab fork, part 1");
  // lab:fork end
}

FaultResult AddressSpace::bring_object_page(const Region& region, VirtAddr page, Access wanted,
                                            PageSlot& slot) {
  const uint64_t index = region.page_of(page);
  if (index >= round_up(region.object->size(), k_page_size) >> k_page_shift) {
    return FaultResult::beyond_object;
  }
  const Result<PhysAddr> frame = region.object->get_page(index);
  if (!frame) return FaultResult::no_memory;
  const Access access = region.is_shared ? region.access : without_write(region.access);
  slot.store(PageEntry::page(*frame, access).bits(), release);
  resident_.fetch_add(1, relaxed);
  if (wanted != Access::write || region.is_shared) return FaultResult::handled;
  return replace_page(region, page, wanted, slot);
}

// There is a page, but what is wanted isn't permitted. Either it is shared and must be copied, or
// the entry has fewer rights than the region.
FaultResult AddressSpace::replace_page(const Region& region, VirtAddr page, Access wanted,
                                       PageSlot& slot) {
  // lab:fork begin 3
  const PageEntry old(slot.load(relaxed));
  const bool is_ours_alone =
      region.is_shared || page_frames.frame(old.frame()).references.load(acquire) == 1;
  if (is_ours_alone) {
    slot.store(PageEntry::page(old.frame(), region.access).bits(), release);
    return FaultResult::handled;
  }
  if (wanted != Access::write) {
    slot.store(PageEntry::page(old.frame(), without_write(region.access)).bits(), release);
    return FaultResult::handled;
  }
  const Result<PhysAddr> copy = page_frames.allocate(0, FrameUse::user);
  if (!copy) return FaultResult::no_memory;
  std::memcpy(hal::phys_to_virt(*copy), hal::phys_to_virt(old.frame()), k_page_size);
  slot.store(PageEntry::page(*copy, region.access).bits(), release);
  // Other threads may still read the old frame through a stale entry.
  if (old.is_present()) hal::flush_user(table_.root(), page, 1);
  page_frames.drop_reference(old.frame());
  return FaultResult::handled;
  // lab:fork stub: static_cast<void>(region);
  // lab:fork stub: static_cast<void>(page);
  // lab:fork stub: static_cast<void>(wanted);
  // lab:fork stub: static_cast<void>(slot);
  // lab:fork stub: panic("not implemented: lab fork, part 3");
  // lab:fork end
}

// A touch below a stack extends it, down to its limit, and never closer to the next mapping than
// the gap: so that a stack that grows too far hits nothing but nothing.
Region* AddressSpace::grow_stack(VirtAddr page) {
  Region* stack = regions_.find_or_after(page);
  if (stack == nullptr || !stack->grows_down) return nullptr;
  if (stack->end - page > limits_.stack) return nullptr;
  const Region* below = regions_.before(stack->start);
  if (below != nullptr && below->access != Access::none && page < below->end + k_stack_gap) {
    return nullptr;
  }
  if (below != nullptr && page < below->end) return nullptr;
  regions_.grow_down(*stack, page);
  return stack;
}

Result<> AddressSpace::populate(VirtAddr start, VirtAddr end) {
  for (VirtAddr page = start; page < end; page += k_page_size) {
    const Region* region = regions_.find(page);
    if (region == nullptr) return fail(Errno::nomem);
    if (region->access == Access::none) continue;
    const bool writable = allows(region->access, Access::write);
    const FaultResult result = fault_locked(page, writable ? Access::write : Access::read);
    if (result == FaultResult::no_memory) return fail(Errno::nomem);
    if (result != FaultResult::handled) return fail(Errno::fault);
  }
  return {};
}

}  // namespace weft::mm
