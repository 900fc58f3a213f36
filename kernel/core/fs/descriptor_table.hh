// DescriptorTable: a process's numbers for its files. A number is the lowest that is free. Threads
// share the table; fork copies it.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/ref.hh"
#include "core/base/result.hh"
#include "core/fs/file.hh"
#include "core/sync/spin_lock.hh"

namespace weft::fs {

class DescriptorTable : public RefCounted {
 public:
  // Numbers below this exist at most (RLIMIT_NOFILE's hard limit).
  static constexpr int32_t k_most = 65'536;

  // An empty one. Errno::nomem.
  static Result<Ref<DescriptorTable>> make();
  static void last_reference_gone(DescriptorTable& table);
  DescriptorTable() = default;
  ~DescriptorTable();

  // The same files under the same numbers, for a child. Costs as much as there are numbers in use.
  Result<Ref<DescriptorTable>> copy();

  // Errno::badf.
  Result<Ref<File>> get(int32_t number);
  // The same for a thread that is the only one to have the table: so the file stays, and no lock is
  // needed. nullptr if there is none.
  File* lend(int32_t number) const NO_THREAD_SAFETY_ANALYSIS {
    const bool is_there = static_cast<uint32_t>(number) < static_cast<uint32_t>(size_);
    return is_there ? files_[number] : nullptr;
  }
  // The lowest free number that is at least `lowest` becomes the file's. `limit` is RLIMIT_NOFILE:
  // Errno::mfile if there is none below; Errno::nomem.
  Result<int32_t> add(Ref<File> file, bool close_on_exec, int32_t limit, int32_t lowest = 0);
  // That number becomes the file's; what it stood for before is closed. Errno::badf if the number is
  // not below `limit`; Errno::nomem.
  Result<> replace(int32_t number, Ref<File> file, bool close_on_exec, int32_t limit);
  // Errno::badf.
  Result<> close(int32_t number);
  // Closes those from `first` to `last` that are open, or marks them for exec.
  void close_range(uint32_t first, uint32_t last);
  void mark_range(uint32_t first, uint32_t last);
  // Closes those that are marked.
  void close_for_exec();
  Result<bool> closes_on_exec(int32_t number);
  Result<> set_closes_on_exec(int32_t number, bool closes);
  // Numbers from here on have never been in use.
  int32_t room();
  // The lowest number in use that is at least this; -1 if there is none. For /proc.
  int32_t next_used(int32_t number);

 private:
  static constexpr int32_t k_first_size = 64;
  static constexpr int32_t k_bits = 64;

  struct Closing;

  bool is_used(int32_t number) const REQUIRES(lock_) {
    return static_cast<uint32_t>(number) < static_cast<uint32_t>(size_) &&
           files_[number] != nullptr;
  }
  // Room for that number, which takes memory: the lock is let go meanwhile.
  Result<> grow(int32_t number);
  void copy_to(DescriptorTable& child);
  void set_mark(int32_t number, bool closes) REQUIRES(lock_);
  // Takes the file out of the table; the caller lets it go when the lock is free.
  Ref<File> remove(int32_t number) REQUIRES(lock_);

  std::array<File*, k_first_size> first_files_{};
  uint64_t first_marks_ = 0;
  SpinLock lock_{Rank::descriptors};
  File** files_ GUARDED_BY(lock_) = first_files_.data();
  uint64_t* marks_ GUARDED_BY(lock_) = &first_marks_;  // a bit for each number: closed by exec
  int32_t size_ GUARDED_BY(lock_) = k_first_size;
  int32_t lowest_free_ GUARDED_BY(lock_) = 0;  // no free number is below
  int32_t end_ GUARDED_BY(lock_) = 0;          // behind the highest that was used
};

}  // namespace weft::fs
