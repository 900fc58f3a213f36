#include "core/sync/mutex.hh"

#include "core/base/format.hh"
#include "core/sched/scheduler.hh"
#include "core/sync/lock_check.hh"
#include "core/trace/trace.hh"

namespace weft {
namespace {

// How often to look whether a running owner lets go, before sleeping. About the price of a switch.
constexpr int k_spins = 100;

}  // namespace

Mutex::~Mutex() { DEBUG_ASSERT(word_.load(relaxed) == 0, "nobody holds a mutex that goes away"); }

void Mutex::lock() {
  const auto place = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  check_sleeping_order(this, rank_);
  if (!take_if_free()) [[unlikely]]
    return lock_slowly(place);
  note_locked(place);
}

void Mutex::lock_slowly(uintptr_t place) NO_THREAD_SAFETY_ANALYSIS {
  if (is_held()) refuse_recursion(place);
  if (!spin_for_it()) wait_for_it({});
  note_locked(place);
}

bool Mutex::try_lock() {
  if (!take_if_free()) return false;
  note_locked(reinterpret_cast<uintptr_t>(__builtin_return_address(0)));
  return true;
}

bool Mutex::lock_until(Instant deadline) {
  const auto place = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  check_sleeping_order(this, rank_);
  if (!take_if_free()) {
    if (is_held()) refuse_recursion(place);
    if (!spin_for_it() && !wait_for_it(WaitLimit::until(deadline))) return false;
  }
  note_locked(place);
  return true;
}

void Mutex::unlock() {
  note_sleeping_unlocked(this);
  // lab:mutex begin 2
  uintptr_t word = to_word(hal::current());
  // Pairs with take_if_free().
  if (word_.compare_exchange(word, 0, release)) [[likely]]
    return;
  ASSERT(to_thread(word) == hal::current(), "a mutex is unlocked by its owner");
  // lab:mutex stub: panic("not implemented: lab mutex, part 2");
  // lab:mutex end
  // lab:mutex begin 3
  SpinGuard guard(inheritance_lock);
  if ((word_.load(relaxed) & k_waited_for) != 0) {
    hand_over();
  } else {
    word_.store(0, release);  // they gave up a moment ago
  }
  // lab:mutex stub: panic("not implemented: lab mutex, part 3");
  // lab:mutex end
}

// Acquires what the last owner did; and releases this thread's record, which those who find its address
// in the word are going to look into.
bool Mutex::take_if_free() {
  // lab:mutex begin 2
  uintptr_t free = 0;
  return word_.compare_exchange(free, to_word(hal::current()), acq_rel);
  // lab:mutex stub: panic("not implemented: lab mutex, part 2");
  // lab:mutex end
}

void Mutex::note_locked(uintptr_t place) {
  locked_at_ = place;
  note_sleeping_locked(this, rank_);
}

// While the owner runs on another CPU and nobody sleeps for the mutex, it will be free sooner than a
// switch there and back takes.
bool Mutex::spin_for_it() {
  // lab:mutex begin 5
  for (int spin = 0; spin < k_spins; ++spin) {
    const uintptr_t word = word_.load(relaxed);
    if (word == 0) {
      if (take_if_free()) return true;
    } else if ((word & k_waited_for) != 0 || !sched::is_running(to_thread(word))) {
      return false;
    }
    hal::relax();
  }
  // lab:mutex end
  return false;
}

// Sets the bit that makes the owner's unlock() come to the queue. False if the mutex became free
// meanwhile and is now the caller's.
bool Mutex::announce_waiter() {
  // lab:mutex begin 3
  for (;;) {
    uintptr_t word = word_.load(relaxed);
    if (word == 0) {
      if (take_if_free()) return false;
    } else if ((word & k_waited_for) != 0) {
      return true;
    } else if (word_.compare_exchange(word, word | k_waited_for, acquire)) {
      add_to_wanted(*to_thread(word));
      return true;
    }
  }
  // lab:mutex stub: panic("not implemented: lab mutex, part 3");
  // lab:mutex end
}

bool Mutex::wait_for_it(WaitLimit limit) {
  Waiter waiter(BlockReason::locked, this);
  SpinGuard guard(inheritance_lock);
  if (!announce_waiter()) return true;
  trace::record(trace::Kind::waits_for_lock, reinterpret_cast<uintptr_t>(this),
                pinned_owner()->id());
  // lab:mutex begin 3
  Thread& self = *hal::current();
  waiters_.prepare_by_priority(waiter);
  self.waits_for = this;
  self.waits_with = &waiter;
  inherit_from_waiters(*pinned_owner());
  const Outcome outcome = waiters_.block(waiter, limit);
  self.waits_for = nullptr;
  self.waits_with = nullptr;
  if (outcome == Outcome::woken) return true;  // hand_over() made it ours
  // lab:mutex stub: panic("not implemented: lab mutex, part 3");
  // lab:mutex end

  // lab:mutex begin 4
  // Given up: the owner no longer inherits from us, and may have nobody waiting any more.
  if (Thread* owner = pinned_owner()) {
    const bool nobody_waits = waiters_.empty();
    if (nobody_waits) remove_from_wanted(*owner);
    inherit_from_waiters(*owner);
    // Last, because it unpins the owner.
    if (nobody_waits) word_.fetch_and(~k_waited_for, relaxed);
  }
  return false;
  // lab:mutex stub: panic("not implemented: lab mutex, part 4");
  // lab:mutex end
}

Thread* Mutex::pinned_owner() const {
  const uintptr_t word = word_.load(relaxed);
  return (word & k_waited_for) != 0 ? to_thread(word) : nullptr;
}

// The owner unlocks, and others wait or did until a moment ago.
void Mutex::hand_over() {
  Thread& self = *hal::current();
  remove_from_wanted(self);
  // lab:mutex begin 3
  // The woken thread can't look at the word before we let the inheritance lock go.
  Thread* next = waiters_.wake_one();
  if (next == nullptr) {
    word_.store(0, release);
  } else if (waiters_.empty()) {
    word_.store(to_word(next), release);
  } else {
    word_.store(to_word(next) | k_waited_for, release);
    add_to_wanted(*next);
    inherit_from_waiters(*next);
  }
  // lab:mutex stub: panic("not implemented: lab mutex, part 3");
  // lab:mutex end
  inherit_from_waiters(self);
}

int Mutex::urgency() const {
  const Waiter* first = waiters_.front();
  return first == nullptr ? sched::k_lowest_priority : first->thread().effective_priority();
}

void Mutex::add_to_wanted(Thread& owner) {
  next_wanted_ = owner.first_wanted;
  owner.first_wanted = this;
}

void Mutex::remove_from_wanted(Thread& owner) {
  Mutex** place = &owner.first_wanted;
  while (*place != this) {
    ASSERT(*place != nullptr, "a mutex that is waited for is on its owner's chain");
    place = &(*place)->next_wanted_;
  }
  *place = next_wanted_;
}

void Mutex::refuse_recursion(uintptr_t place) const {
  hal::write_log("mutex locked again by its owner, at ");
  hal::write_address(place);
  hal::write_log("\nfirst locked at ");
  hal::write_address(locked_at_);
  hal::write_log("\n");
  panic("broken promise: a mutex is not locked twice by one thread");
}

}  // namespace weft
