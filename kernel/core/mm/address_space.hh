// AddressSpace: the memory of one process: which addresses it may use (regions), and which frames
// stand behind them now (page table). Frames come when they are touched; fork shares them until
// somebody writes.
//
// A frame that a private region holds and nobody else does has one reference, and may be written in
// place. Two or more references, and a write makes a copy first. That one rule is copy-on-write.
#pragma once

#include <span>

#include <algorithm>

#include "core/base/ref.hh"
#include "core/base/result.hh"
#include "core/mm/page_table.hh"
#include "core/mm/region.hh"
#include "core/sync/mutex.hh"

namespace weft::mm {

struct MapRequest {
  VirtAddr address = 0;  // where, or a hint
  size_t size = 0;       // a multiple of the page size
  Access access = Access::none;
  bool is_fixed = false;    // exactly there: what was mapped there goes
  bool no_replace = false;  // exactly there: Errno::exist if anything is mapped there
  bool is_shared = false;
  bool grows_down = false;
  bool no_reserve = false;     // may be larger than the machine's memory
  bool populate = false;       // make the pages at once
  Ref<MemoryObject> object{};  // empty: zeros
  uint64_t offset = 0;         // into the object, a multiple of the page size
};

enum class FaultResult { handled, bad_address, bad_access, beyond_object, no_memory };

enum class Advice { dont_need, free, guard_install, guard_remove, populate };

struct MemoryLimits {
  uint64_t address_space = ~uint64_t{0};  // RLIMIT_AS
  uint64_t data = ~uint64_t{0};           // RLIMIT_DATA
  uint64_t stack = 8 << 20;               // RLIMIT_STACK
};

// Where a program's arguments and its environment began: texts, one behind the other.
struct TextPlaces {
  VirtAddr arguments = 0;
  VirtAddr environment = 0;
  VirtAddr end = 0;
};

class AddressSpace : public RefCounted {
 public:
  // An empty one. Errno::nomem.
  static Result<Ref<AddressSpace>> make();
  static void last_reference_gone(AddressSpace& space);
  AddressSpace() = default;
  ~AddressSpace();

  // A child's memory: the same contents; pages are shared until written. Errno::nomem.
  Result<Ref<AddressSpace>> fork();

  // All below may block. Addresses and sizes are whole pages; those that aren't a user's: inval.
  // Errno::nomem (no room, no memory, or a limit), Errno::exist (no_replace).
  Result<VirtAddr> map(const MapRequest& request);
  Result<> unmap(VirtAddr start, size_t size);
  // Errno::nomem if a part of the range isn't mapped; what comes before it is changed then.
  Result<> protect(VirtAddr start, size_t size, Access access);
  Result<> advise(VirtAddr start, size_t size, Advice advice);
  // Moves or resizes a mapping. `to` is used with `is_fixed`. Errno::fault if it isn't mapped.
  Result<VirtAddr> remap(VirtAddr start, size_t old_size, size_t new_size, bool may_move,
                         bool is_fixed, VirtAddr to);
  // Errno::nomem if a part of the range isn't mapped.
  Result<> check_mapped(VirtAddr start, size_t size);
  // One byte for each page: is it there? Errno::nomem if a part isn't mapped.
  Result<> resident(VirtAddr start, size_t pages, uint8_t* out);

  // The heap's end. `start_heap` says where it begins; set_break returns where it ends now, which
  // is what it was if the wish can't be met.
  void start_heap(VirtAddr start);
  VirtAddr set_break(VirtAddr end);

  // Code touched the address. Makes it right if the regions allow it.
  FaultResult handle_fault(VirtAddr address, Access wanted);

  PhysAddr root() const { return table_.root(); }
  void set_limits(const MemoryLimits& limits);
  uint64_t resident_pages() const { return resident_.load(relaxed); }
  // The most there ever were at once.
  uint64_t most_resident_pages() const {
    return std::max(resident_.load(relaxed), most_resident_.load(relaxed));
  }
  uint64_t virtual_size();

  // The object has lost its pages from that one on: all who map them lose them, too, and their own
  // copies.
  static void drop_object_pages(const MemoryObject& object, uint64_t first_page);

  // A region as it was at one moment, the first that ends behind `address`; false if there is none.
  struct View {
    VirtAddr start, end;
    Access access;
    bool is_shared, grows_down, is_heap;
    Ref<MemoryObject> object;
    uint64_t offset;
  };
  bool view_region(VirtAddr address, View& view);
  // Copies memory that need not be the running process's; how many bytes. It ends at the first page
  // that isn't there, or was never touched.
  size_t read(VirtAddr from, std::span<std::byte> to);
  void set_text_places(const TextPlaces& texts);
  TextPlaces text_places();

  // What a word of shared memory is, whoever maps it where: the key of a shared futex.
  struct WordKey {
    const void* space = nullptr;  // the object, or the address space for private memory
    uint64_t offset = 0;
    Ref<MemoryObject> object;  // keeps `space` alive
  };
  Result<WordKey> key_of(VirtAddr address);
  // The address is in a private region, and key_of() was asked about that region not long ago. False
  // says nothing. Never blocks.
  bool is_known_private(VirtAddr address) const NO_THREAD_SAFETY_ANALYSIS {
    return regions_.is_in_noted(address);
  }

  // Barriers for all threads at once: the program says that it will want them, and a child is born with
  // that. When synchronize() returns, every CPU that runs one of the program's threads has done a full
  // fence meanwhile. Errno::perm if the program hasn't said so.
  void allow_barriers() { allows_barriers_.store(true, relaxed); }
  Result<> synchronize();

 private:
  static Result<Ref<AddressSpace>> make_unlisted();
  void enlist();
  static Ref<AddressSpace> next(AddressSpace* space);
  void copy_layout(const AddressSpace& parent);
  Result<> copy_region(AddressSpace& child, const Region& region) REQUIRES(lock_);
  Result<> unmap_locked(VirtAddr start, VirtAddr end) REQUIRES(lock_);
  void drop_pages(VirtAddr start, VirtAddr end) REQUIRES(lock_);
  Result<> check_room(const MapRequest& request) REQUIRES(lock_);
  bool has_room_for_data(uint64_t more) const REQUIRES(lock_);
  Result<VirtAddr> choose_place(const MapRequest& request) REQUIRES(lock_);
  FaultResult fault_locked(VirtAddr page, Access wanted) REQUIRES(lock_);
  FaultResult bring_page(const Region& region, VirtAddr page, Access wanted, PageSlot& slot)
      REQUIRES(lock_);
  FaultResult bring_object_page(const Region& region, VirtAddr page, Access wanted, PageSlot& slot)
      REQUIRES(lock_);
  FaultResult replace_page(const Region& region, VirtAddr page, Access wanted, PageSlot& slot)
      REQUIRES(lock_);
  Region* grow_stack(VirtAddr page) REQUIRES(lock_);
  bool is_mapped(VirtAddr start, VirtAddr end) const REQUIRES(lock_);
  Result<> populate(VirtAddr start, VirtAddr end) REQUIRES(lock_);
  Result<> install_guards(VirtAddr start, VirtAddr end) REQUIRES(lock_);
  void remove_guards(VirtAddr start, VirtAddr end) REQUIRES(lock_);
  Result<VirtAddr> move_mapping(const Region& from, VirtAddr start, size_t old_size,
                                size_t new_size, VirtAddr to) REQUIRES(lock_);

  void drop_region_pages(const MemoryObject& object, uint64_t first_page) REQUIRES(lock_);

  ListHook all_hook_;
  static List<AddressSpace, &AddressSpace::all_hook_> all_;
  Mutex lock_{Rank::address_space};
  RegionMap regions_ GUARDED_BY(lock_);
  MemoryLimits limits_ GUARDED_BY(lock_);
  VirtAddr heap_start_ GUARDED_BY(lock_) = 0;
  VirtAddr heap_end_ GUARDED_BY(lock_) = 0;  // to the byte
  TextPlaces text_places_ GUARDED_BY(lock_);
  PageTable table_;  // changed under lock_; the CPUs read it at any time
  Atomic<uint64_t> resident_{0};
  Atomic<uint64_t> most_resident_{0};  // noted when pages go
  Atomic<bool> allows_barriers_{false};
};

}  // namespace weft::mm
