// MemoryObject: pages that somebody else than one process owns: the contents of a file, or memory
// that processes share. Sparse: a page exists from the first time it is wanted for writing or
// mapping. A regular file in the file tree keeps its bytes here, so that read(), mmap() and exec all
// use the same frames.
#pragma once

#include <optional>

#include "core/base/ref.hh"
#include "core/base/result.hh"
#include "core/base/types.hh"
#include "core/sync/mutex.hh"

namespace weft::mm {

// Somebody who wants to know how many mappings show an object.
class MappingWatcher {
 public:
  // Called with the lock of the address space.
  virtual void on_mapped() = 0;
  // The watcher, and all but the caller's reference to the object, may be gone afterwards.
  virtual void on_unmapped() = 0;

 protected:
  ~MappingWatcher() = default;
};

class MemoryObject : public RefCounted {
 public:
  // Errno::nomem.
  static Result<Ref<MemoryObject>> make(uint64_t size);
  static void last_reference_gone(MemoryObject& object);
  MemoryObject() = default;
  ~MemoryObject();

  // Its size in bytes: a mapping may be touched up to the last page of it.
  uint64_t size() const { return size_.load(relaxed); }
  // Grows with zeros; shrinking drops what is behind the new end and clears the rest of its page.
  // Mappings lose what is behind the new end, too. No lock of memory is held.
  void resize(uint64_t size);
  // Somebody maps it.
  void note_mapped() { was_mapped_.store(true, relaxed); }
  // Before anybody maps it.
  void watch_mappings(MappingWatcher& watcher) { watcher_ = &watcher; }
  MappingWatcher* mapping_watcher() const { return watcher_; }

  // The page, made of zeros if it isn't there, with a reference for the caller. Errno::nomem.
  Result<PhysAddr> get_page(uint64_t index);
  // The page if it is there, with a reference for the caller.
  std::optional<PhysAddr> find_page(uint64_t index);
  uint64_t resident_pages() const { return resident_.load(relaxed); }

 private:
  // A tree of tables, as high as the largest index needs. At level 0 the entries are frames.
  static constexpr unsigned k_index_bits = 9;
  static constexpr unsigned k_fanout = 1 << k_index_bits;
  struct Table {
    uint64_t entries[k_fanout];
  };

  void change_size(uint64_t size);
  bool reaches(uint64_t index) const REQUIRES(lock_) {
    return levels_ > 0 && (levels_ * k_index_bits >= 64 || index >> (levels_ * k_index_bits) == 0);
  }
  Result<uint64_t*> slot(uint64_t index) REQUIRES(lock_);
  uint64_t* find_slot(uint64_t index) const REQUIRES(lock_);
  void drop_from(uint64_t first_index) REQUIRES(lock_);
  // Drops the pages with `first` and above; true if nothing is left below the table.
  bool drop_below(Table& table, unsigned level, uint64_t base, uint64_t first) REQUIRES(lock_);

  Mutex lock_{Rank::memory_object};
  Table* top_ GUARDED_BY(lock_) = nullptr;
  unsigned levels_ GUARDED_BY(lock_) = 0;
  Atomic<uint64_t> size_{0};
  Atomic<bool> was_mapped_{false};
  Atomic<uint64_t> resident_{0};
  MappingWatcher* watcher_ = nullptr;
};

}  // namespace weft::mm
