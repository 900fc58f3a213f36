// What is to be undone when a process ends: for each set of semaphores that it has changed with
// SEM_UNDO, how much each semaphore gets back.
#pragma once

#include "core/base/list.hh"
#include "core/base/ref.hh"
#include "core/ipc/system_v/object.hh"

namespace weft::ipc::system_v {

class SemaphoreSet;

// The amounts stand behind this head: one for each semaphore.
struct UndoRecord {
  static Result<UndoRecord*> make(SemaphoreSet& set, size_t count);
  static void free(UndoRecord* record);
  int16_t* amounts() { return reinterpret_cast<int16_t*>(this + 1); }

  Ref<SemaphoreSet> set;
  bool set_is_gone = false;  // guarded by the set's lock, as the amounts are
  ListHook of_process;
  ListHook of_set;
};

// Of one process.
class UndoList {
 public:
  // Its own record for the set, made if need be. Errno::nomem.
  Result<UndoRecord*> find_or_make(SemaphoreSet& set, size_t count);
  // The process, which has that number, ends.
  void apply(int32_t process);

 private:
  UndoRecord* find(const SemaphoreSet& set) REQUIRES(lock_);

  SpinLock lock_{Rank::system_v_undo};
  List<UndoRecord, &UndoRecord::of_process> records_ GUARDED_BY(lock_);
};

}  // namespace weft::ipc::system_v
