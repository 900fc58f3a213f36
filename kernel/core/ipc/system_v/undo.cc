#include "core/ipc/system_v/undo.hh"

#include <algorithm>

#include "core/ipc/system_v/semaphore_set.hh"
#include "core/mm/heap.hh"

namespace weft::ipc::system_v {

Result<UndoRecord*> UndoRecord::make(SemaphoreSet& set, size_t count) {
  auto* const record =
      new (TRY(mm::allocate(sizeof(UndoRecord) + count * sizeof(int16_t)))) UndoRecord;
  record->set = Ref<SemaphoreSet>::share(set);
  std::fill_n(record->amounts(), count, int16_t{0});
  return record;
}

void UndoRecord::free(UndoRecord* record) {
  std::destroy_at(record);
  mm::free(record);
}

UndoRecord* UndoList::find(const SemaphoreSet& set) {
  for (UndoRecord& record : records_) {
    if (record.set.get() == &set) return &record;
  }
  return nullptr;
}

// Records of sets that are gone are thrown away on the occasion: nothing can be undone there.
Result<UndoRecord*> UndoList::find_or_make(SemaphoreSet& set, size_t count) {
  List<UndoRecord, &UndoRecord::of_process> unused;
  UndoRecord* found;
  {
    SpinGuard guard(lock_);
    found = find(set);
    if (found != nullptr) return found;
    for (auto place = records_.begin(); place != records_.end();) {
      UndoRecord& record = *place;
      ++place;
      if (!record.set->has_dropped(record)) continue;
      decltype(records_)::remove(record);
      unused.push_back(record);
    }
  }
  while (UndoRecord* const record = unused.pop_front()) UndoRecord::free(record);
  UndoRecord* const made = TRY(UndoRecord::make(set, count));
  {
    SpinGuard guard(lock_);
    found = find(set);  // another thread may have made one meanwhile
    if (found == nullptr) {
      records_.push_back(*made);
      set.keep(*made);
      return made;
    }
  }
  UndoRecord::free(made);
  return found;
}

void UndoList::apply(int32_t process) {
  List<UndoRecord, &UndoRecord::of_process> all;
  {
    SpinGuard guard(lock_);
    all.append(records_);
  }
  while (UndoRecord* const record = all.pop_front()) {
    record->set->undo(*record, process);
    UndoRecord::free(record);
  }
}

}  // namespace weft::ipc::system_v
