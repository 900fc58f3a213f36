// FileContext: where a process's relative paths begin, and which permissions its new files don't get.
// fork copies it, unless the two are to share it (CLONE_FS), as threads do.
#pragma once

#include "core/fs/entry.hh"

namespace weft::fs {

class FileContext : public RefCounted {
 public:
  static constexpr uint32_t k_first_mask = 022;

  // At the root of the tree. Errno::nomem.
  static Result<Ref<FileContext>> make();
  static void last_reference_gone(FileContext& context);
  FileContext(Ref<Entry> folder, uint32_t mask) : mask_(mask), folder_(std::move(folder)) {}

  Result<Ref<FileContext>> copy();
  // The working folder.
  Ref<Entry> folder();
  void set_folder(Ref<Entry> folder);
  // Permissions that new files don't get.
  uint32_t mask() const { return mask_.load(relaxed); }
  // What it was before.
  uint32_t set_mask(uint32_t mask) { return mask_.exchange(mask & 0777, relaxed); }

 private:
  Atomic<uint32_t> mask_;
  SpinLock lock_{Rank::file_context};
  Ref<Entry> folder_ GUARDED_BY(lock_);
};

}  // namespace weft::fs
