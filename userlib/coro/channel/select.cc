#include "userlib/coro/channel/select.hh"

namespace weft::coro::detail {

Selection::Selection(std::span<SelectEntry> entries, std::span<ObjectLock*> locks)
    : entries_(entries) {
  size_t count = 0;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const SelectEntry& entry = entries_[i];
    if (entry.lock != nullptr) {
      locks[count++] = entry.lock;
    } else if (entry.is_otherwise) {
      otherwise_ = i;
    } else if (!time_out_ || entry.deadline < deadline_) {
      time_out_ = i;
      deadline_ = entry.deadline;
    }
  }
  std::ranges::sort(locks.first(count));
  const auto repeated = std::ranges::unique(locks.first(count));
  locks_ = locks.first(count - repeated.size());
}

void Selection::lock() {
  for (ObjectLock* each : locks_) each->lock();
}

void Selection::unlock() {
  for (ObjectLock* each : locks_) each->unlock();
}

bool Selection::try_now() {
  Coroutine* freed = nullptr;
  lock();
  if (!try_channels(freed)) {
    if (!otherwise_) return false;
    chosen_ = otherwise_;
  }
  unlock();
  if (freed != nullptr) unpark(*freed);
  return true;
}

bool Selection::try_channels(Coroutine*& freed) {
  size_t start = 0;
  for (const SelectEntry& entry : entries_) {
    if (entry.turn != nullptr) {
      start = (*entry.turn)++;
      break;
    }
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    const size_t index = (start + i) % entries_.size();
    SelectEntry& entry = entries_[index];
    if (entry.lock == nullptr || !entry.attempt(entry.the_case, freed)) continue;
    chosen_ = index;
    return true;
  }
  return false;
}

void Selection::publish(Coroutine& who) {
  bool is_prepared = false;
  for (SelectEntry& entry : entries_) {
    if (entry.lock == nullptr) continue;
    entry.waiter.coroutine = &who;
    entry.waiter.word = entry.transfer;
    if (!is_prepared) entry.waiter.prepare(who, Reason::select);
    is_prepared = true;
    entry.waiters->push_back(entry.waiter);
  }
  // Nothing but time-outs: a sleep.
  if (!is_prepared && !entries_.empty()) entries_[0].waiter.prepare(who, Reason::select);
}

void Selection::finish(Wake outcome) {
  lock();
  for (size_t i = 0; i < entries_.size(); ++i) {
    SelectEntry& entry = entries_[i];
    if (entry.lock == nullptr) continue;
    if (*entry.state == TransferState::waiting) {
      entry.waiters->remove(entry.waiter);
    } else {
      chosen_ = i;  // whoever has claimed it has taken it out
    }
  }
  unlock();
  if (outcome == Wake::timed_out) chosen_ = time_out_;
}

}  // namespace weft::coro::detail
