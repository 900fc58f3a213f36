#include "core/ipc/system_v/semaphore_set.hh"

#include <algorithm>

#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"

namespace weft::ipc::system_v {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<SemaphoreSet> cache("semaphore set");

bool has(const abi::SemaphoreOperation& operation, uint32_t flag) {
  return (static_cast<uint16_t>(operation.flags) & flag) != 0;
}

bool changes(Operations operations) {
  return std::ranges::any_of(operations, [](const auto& each) { return each.change != 0; });
}

bool has_to_wait(int32_t value, int32_t change) {
  if (change != 0) [[likely]]
    return value + change < 0;
  return value != 0;
}

}  // namespace

Result<Ref<SemaphoreSet>> SemaphoreSet::make(uint32_t count) NO_THREAD_SAFETY_ANALYSIS {
  auto set = Ref<SemaphoreSet>::adopt(TRY(cache.make(count)));
  set->semaphores_ = static_cast<Semaphore*>(TRY(mm::allocate(count * sizeof(Semaphore))));
  std::fill_n(set->semaphores_, count, Semaphore{});
  return set;
}

SemaphoreSet::~SemaphoreSet() { mm::free(semaphores_); }
void SemaphoreSet::destroy() { cache.destroy(this); }

// ---- Operations -----------------------------------------------------------------------------------

// One operation that nobody undoes is what nearly all are.
[[gnu::always_inline]] inline Result<bool> SemaphoreSet::try_all(Operations operations,
                                                                 UndoRecord* undo, int32_t process,
                                                                 size_t& blocked) {
  const abi::SemaphoreOperation& first = operations.front();
  if (operations.size() != 1 || has(first, abi::k_sem_undo)) [[unlikely]] {
    return try_several(operations, undo, process, blocked);
  }
  Semaphore& semaphore = semaphores_[first.number];
  if (has_to_wait(semaphore.value, first.change)) {
    if (has(first, abi::k_ipc_nowait)) return fail(Errno::again);
    return false;
  }
  if (semaphore.value + first.change > k_largest_value) return fail(Errno::range);
  semaphore = {semaphore.value + first.change, process};
  return true;
}

Result<bool> SemaphoreSet::try_several(Operations operations, UndoRecord* undo, int32_t process,
                                       size_t& blocked) {
  size_t done = 0;
  bool is_too_much = false;
  for (; done < operations.size(); ++done) {
    const abi::SemaphoreOperation& operation = operations[done];
    int32_t& value = semaphores_[operation.number].value;
    if (has_to_wait(value, operation.change)) break;
    const int32_t changed = value + operation.change;
    is_too_much = changed > k_largest_value;
    if (has(operation, abi::k_sem_undo)) [[unlikely]] {
      int16_t& amount = undo->amounts()[operation.number];
      const int32_t undone = amount - operation.change;
      is_too_much |= undone > k_largest_value || undone < -k_largest_value - 1;
      if (!is_too_much) amount = static_cast<int16_t>(undone);
    }
    if (is_too_much) break;
    value = changed;
  }
  if (done == operations.size()) {
    for (const abi::SemaphoreOperation& operation : operations) {
      semaphores_[operation.number].last_process = process;
    }
    return true;
  }
  take_back(operations.first(done), undo);
  blocked = done;
  if (is_too_much) return fail(Errno::range);
  if (has(operations[done], abi::k_ipc_nowait)) return fail(Errno::again);
  return false;
}

void SemaphoreSet::take_back(Operations operations, UndoRecord* undo) {
  for (const abi::SemaphoreOperation& operation : operations) {
    semaphores_[operation.number].value -= operation.change;
    if (!has(operation, abi::k_sem_undo)) continue;
    int16_t& amount = undo->amounts()[operation.number];
    amount = static_cast<int16_t>(amount + operation.change);
  }
}

// What one of them changes may let one go on that stands before it: so from the front again.
bool SemaphoreSet::serve_pending() {
  bool some_went_on = false;
  Waiter* next = nullptr;
  for (Waiter* waiter = pending_.front(); waiter != nullptr; waiter = next) {
    next = pending_.after(*waiter);
    auto& one = static_cast<Pending&>(*waiter);
    const Result<bool> tried = try_all(one.operations, one.undo, one.process, one.blocked);
    if (tried.has_value() && !*tried) continue;
    if (!pending_.wake(one)) {  // its wait has just ended otherwise: nothing was done
      if (tried.has_value()) take_back(one.operations, one.undo);
      continue;
    }
    if (!tried.has_value()) {
      one.error = tried.error();
      continue;
    }
    one.is_done = some_went_on = true;
    if (changes(one.operations)) next = pending_.front();
  }
  return some_went_on;
}

Result<> SemaphoreSet::operate(Operations operations, UndoRecord* undo, Instant deadline,
                               const Actor& actor) {
  bool alters = false;
  for (const abi::SemaphoreOperation& operation : operations) {
    if (operation.number >= count_) return fail(Errno::fbig);
    alters |= operation.change != 0;
  }
  SpinGuardIrqsOn guard(lock);
  TRY(check(actor, alters ? k_may_write : k_may_read));
  size_t blocked = 0;
  if (TRY(try_all(operations, undo, actor.process, blocked))) {
    operated_ = hal::now();
    if (alters && !pending_.empty()) serve_pending();
    return {};
  }
  Pending self(operations, undo, actor.process, this);
  self.blocked = blocked;
  pending_.prepare(self);
  const Outcome outcome = pending_.block(self, {.deadline = deadline, .interruptible = true});
  if (self.is_done) return {};
  return fail(outcome == Outcome::timed_out ? Errno::again : self.error);
}

// ---- Undoing --------------------------------------------------------------------------------------

void SemaphoreSet::keep(UndoRecord& record) {
  SpinGuard guard(lock);
  record.set_is_gone = is_removed_;
  if (!is_removed_) undo_records_.push_back(record);
}

bool SemaphoreSet::has_dropped(const UndoRecord& record) {
  SpinGuard guard(lock);
  return record.set_is_gone;
}

void SemaphoreSet::undo(UndoRecord& record, int32_t process) {
  SpinGuard guard(lock);
  if (record.set_is_gone) return;
  decltype(undo_records_)::remove(record);
  for (uint32_t number = 0; number < count_; ++number) {
    if (record.amounts()[number] == 0) continue;
    Semaphore& semaphore = semaphores_[number];
    semaphore.value = std::clamp(semaphore.value + record.amounts()[number], 0, k_largest_value);
    semaphore.last_process = process;
  }
  operated_ = hal::now();
  serve_pending();
}

void SemaphoreSet::forget_undo(uint32_t number) {
  for (UndoRecord& record : undo_records_) record.amounts()[number] = 0;
}

// ---- Commands -------------------------------------------------------------------------------------

Result<SemaphoreSet::Semaphore*> SemaphoreSet::at(uint32_t number, const Actor& actor,
                                                  uint32_t rights) {
  TRY(check(actor, rights));
  if (number >= count_) return fail(Errno::inval);
  return &semaphores_[number];
}

Result<int32_t> SemaphoreSet::value(uint32_t number, const Actor& actor) {
  SpinGuard guard(lock);
  return TRY(at(number, actor, k_may_read))->value;
}

Result<int32_t> SemaphoreSet::last_process(uint32_t number, const Actor& actor) {
  SpinGuard guard(lock);
  return TRY(at(number, actor, k_may_read))->last_process;
}

Result<int32_t> SemaphoreSet::waiting(uint32_t number, bool for_zero, const Actor& actor) {
  SpinGuard guard(lock);
  (void)TRY(at(number, actor, k_may_read));
  int32_t count = 0;
  for (const Waiter* waiter = pending_.front(); waiter != nullptr;
       waiter = pending_.after(*waiter)) {
    const auto& one = static_cast<const Pending&>(*waiter);
    const abi::SemaphoreOperation& blocked = one.operations[one.blocked];
    if (blocked.number == number && (blocked.change == 0) == for_zero) ++count;
  }
  return count;
}

Result<> SemaphoreSet::set_value(uint32_t number, int32_t value, const Actor& actor) {
  SpinGuard guard(lock);
  *TRY(at(number, actor, k_may_write)) = {value, actor.process};
  forget_undo(number);
  changed_ = seconds_now();
  if (serve_pending()) operated_ = hal::now();
  return {};
}

Result<> SemaphoreSet::get_all(std::span<uint16_t> values, const Actor& actor) {
  SpinGuard guard(lock);
  TRY(check(actor, k_may_read));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<uint16_t>(semaphores_[i].value);
  }
  return {};
}

Result<> SemaphoreSet::may_change(const Actor& actor) {
  SpinGuard guard(lock);
  return check(actor, k_may_write);
}

Result<> SemaphoreSet::set_all(std::span<const uint16_t> values, const Actor& actor) {
  SpinGuard guard(lock);
  TRY(check(actor, k_may_write));
  for (uint32_t i = 0; i < count_; ++i) {
    semaphores_[i] = {values[i], actor.process};
    forget_undo(i);
  }
  changed_ = seconds_now();
  if (serve_pending()) operated_ = hal::now();
  return {};
}

Result<> SemaphoreSet::status(const Actor& actor, bool is_for_anybody, abi::SemaphoreStatus& told) {
  SpinGuard guard(lock);
  TRY(check(actor, is_for_anybody ? 0 : k_may_read));
  told = {.permissions = permissions_,
          .operated = seconds_of(operated_),
          .unused1 = 0,
          .changed = changed_,
          .unused2 = 0,
          .count = count_,
          .unused3 = {}};
  return {};
}

Result<> SemaphoreSet::change(const abi::SemaphoreStatus& wanted, const Actor& actor) {
  SpinGuard guard(lock);
  TRY(check_owner(actor));
  return change_owner(wanted.permissions);
}

Result<> SemaphoreSet::remove(const Actor& actor) {
  SpinGuard guard(lock);
  TRY(check_owner(actor));
  is_removed_ = true;
  while (UndoRecord* const record = undo_records_.pop_front()) record->set_is_gone = true;
  while (Waiter* const waiter = pending_.front()) {
    if (pending_.wake(*waiter)) static_cast<Pending&>(*waiter).error = Errno::idrm;
  }
  return {};
}

}  // namespace weft::ipc::system_v
