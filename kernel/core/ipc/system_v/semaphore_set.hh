// SemaphoreSet: some semaphores that one operation may change together: all of it happens, or nothing.
//
// Who can't go on waits with all that he wants in his record. Whoever changes the set tries the waiting
// ones for them, in their order, and wakes those that could be done: they have nothing left to do.
#pragma once

#include "core/base/calling.hh"
#include "core/base/list.hh"
#include "core/ipc/system_v/undo.hh"
#include "core/sched/wait_queue.hh"

namespace weft::ipc::system_v {

using Operations = std::span<const abi::SemaphoreOperation>;

class SemaphoreSet final : public Object {
 public:
  static constexpr int32_t k_largest_value = 32'767;

  // Errno::nomem.
  static Result<Ref<SemaphoreSet>> make(uint32_t count);
  explicit SemaphoreSet(uint32_t count) : count_(count) {}
  ~SemaphoreSet();

  uint32_t count() const { return count_; }

  // Does all, or waits until all can be done. `undo` is the process's record if any is to be undone.
  // Errno::again (IPC_NOWAIT, or the time is over), Errno::intr, Errno::range, Errno::fbig.
  Result<> operate(Operations operations, UndoRecord* undo, Instant deadline, const Actor& actor);

  // The commands of semctl(). Those for one semaphore: Errno::inval if there is none of that number.
  Result<int32_t> value(uint32_t number, const Actor& actor);
  Result<int32_t> last_process(uint32_t number, const Actor& actor);
  // How many wait for it to grow, or for zero.
  Result<int32_t> waiting(uint32_t number, bool for_zero, const Actor& actor);
  Result<> set_value(uint32_t number, int32_t value, const Actor& actor);
  // Between this and the program's memory, all values.
  Result<> get_all(std::span<uint16_t> values, const Actor& actor);
  Result<> may_change(const Actor& actor);
  Result<> set_all(std::span<const uint16_t> values, const Actor& actor);
  Result<> status(const Actor& actor, bool is_for_anybody, abi::SemaphoreStatus& told);
  Result<> change(const abi::SemaphoreStatus& wanted, const Actor& actor);
  Result<> remove(const Actor& actor);

  // For UndoList.
  void keep(UndoRecord& record);
  bool has_dropped(const UndoRecord& record);
  void undo(UndoRecord& record, int32_t process);

 private:
  struct Semaphore {
    int32_t value;
    int32_t last_process;
  };
  // Somebody who waits.
  struct Pending : Waiter {
    Pending(Operations all, UndoRecord* record, int32_t pid, const void* set)
        : Waiter(BlockReason::waiting, set), operations(all), undo(record), process(pid) {}

    const Operations operations;
    UndoRecord* const undo;
    const int32_t process;
    size_t blocked = 0;  // the first that can't be done
    bool is_done = false;
    Errno error = Errno::intr;  // why it is not
  };

  void destroy() override;

  // True if all could be done, and so was. `blocked` gets the one that could not.
  Result<bool> try_all(Operations operations, UndoRecord* undo, int32_t process, size_t& blocked)
      REQUIRES(lock);
  [[gnu::noinline]] Result<bool> try_several(Operations operations, UndoRecord* undo,
                                             int32_t process, size_t& blocked) REQUIRES(lock);
  // Takes back the first so many.
  void take_back(Operations operations, UndoRecord* undo) REQUIRES(lock);
  // The values have changed: those who waited for that go on; true if there were such.
  KEEPS_NO_REGISTERS bool serve_pending() REQUIRES(lock);
  Result<Semaphore*> at(uint32_t number, const Actor& actor, uint32_t rights) REQUIRES(lock);
  void forget_undo(uint32_t number) REQUIRES(lock);

  const uint32_t count_;
  Semaphore* semaphores_ GUARDED_BY(lock) = nullptr;
  Instant operated_ GUARDED_BY(lock) = k_never;  // the last time
  WaitQueue pending_ GUARDED_BY(lock){lock};     // each a Pending
  List<UndoRecord, &UndoRecord::of_set> undo_records_ GUARDED_BY(lock);
};

}  // namespace weft::ipc::system_v
