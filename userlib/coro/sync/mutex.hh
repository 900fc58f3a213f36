// mutex, for coroutines, tasks and threads: one at a time. Names and behaviour are the standard's;
// lock_guard and unique_lock work with it.
//
// Fast when it is free, fair when it is not. An unlock() lets the mutex go and wakes who waits longest;
// until that one has it, others may take the mutex again and again, and need not look at the queue. But
// nobody is passed over for long: who wakes and finds the mutex taken waits at the front, and the fourth
// time the next unlock() hands it over. (Go's sync.Mutex has the same two ways, and changes between them
// by time.) A task cannot try again once it is resumed; so it always gets the mutex handed over.
//
// At most one is awake that wants it and hasn't got it, "coming": who was woken, or the first that found it
// taken. While it comes, all others queue at once. So two workers at most are after the mutex's cache line;
// and the one that comes lets the other be for a while if that takes the mutex again and again.
//
// Who does takes it and lets it go by plain stores: the state is that worker's then (biased_word.hh). Others who want
// to change it, if only to say that they queue, take it back first.
#pragma once

#include "userlib/coro/biased_word.hh"
#include "userlib/coro/sync/wait.hh"

namespace weft::coro {

class CAPABILITY("mutex") mutex {
 public:
  // How often a waiter tries again and fails, before it gets the mutex handed over. A hand-over costs a
  // switch, during which nobody works under the mutex; so it has to be rare where all want it all the time.
  static constexpr int k_patience = 4;

  // So many times it may be taken by others, one right after the other, before who is awake and wants it tries: a
  // tenth of a millisecond, beside which it doesn't count that the cache line changes its CPU then.
  static constexpr uint32_t k_passages_at_once = 10'000;

  // Every so manieth who takes it by an atomic instruction is given its state, for its worker. So whatever comes, it
  // is taken back no more often.
  static constexpr uint32_t k_passages_until_biased = sys::k_times_for_a_heavy_fence;

  constexpr mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;
  ~mutex() {
    ASSERT((state_.load(relaxed) & BiasedWord::k_value) == 0,
           "a mutex that goes is free, and nobody waits for it");
  }

  // Waits as long as it takes; a cancellation does not end it.
  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS {
    if (!try_lock()) [[unlikely]]
      (void)lock_slowly(k_never, Park::waiting_uninterruptibly);
  }
  bool try_lock() TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS {
    uint32_t seen = state_.load(relaxed);
    if ((seen & k_held) != 0) return false;
    if (exclusive()) {
      state_.store(take(seen), relaxed);
    } else if (BiasedWord::is_biased(seen) || !state_.compare_exchange(seen, take(seen), acquire)) {
      if (!try_lock_otherwise()) return false;
    } else if ((passages_.load(relaxed) + 1) % k_passages_until_biased == 0) [[unlikely]] {
      give_state();
    }
    note_passage();
    return true;
  }
  // Wake::woken: it is locked. Otherwise the deadline came first, or a cancellation.
  Wake lock_until(Instant deadline) NO_THREAD_SAFETY_ANALYSIS {
    return try_lock() ? Wake::woken : lock_slowly(deadline, Park::waiting);
  }
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& duration)
      TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS {
    return try_lock() || lock_slowly(deadline_after(duration), Park::waiting) == Wake::woken;
  }
  template <typename Clock, typename Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time)
      TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS {
    return try_lock() || lock_slowly(deadline_at(time), Park::waiting) == Wake::woken;
  }
  // For its owner.
  void unlock() RELEASE() NO_THREAD_SAFETY_ANALYSIS {
    owner_.store(nullptr, relaxed);
    uint32_t seen = state_.load(relaxed);
    if (!may_just_let_go(seen)) [[unlikely]]
      return unlock_otherwise();
    if (exclusive()) {
      state_.store(let_go(seen), relaxed);
    } else if (BiasedWord::is_biased(seen) ||
               !state_.compare_exchange(seen, let_go(seen), release)) {
      unlock_otherwise();
    }
  }

  // For tasks: `Wake how = co_await mutex.async_lock();`
  auto async_lock() { return Operation<Attempt>(Attempt{*this}); }
  auto async_lock_uninterruptibly() { return UninterruptibleOperation<Attempt>(Attempt{*this}); }
  auto async_lock_until(Instant deadline) {
    return TimedOperation<Attempt>(Attempt{*this}, deadline);
  }

  // Who holds it: for the report of a deadlock. It may be over before the answer is read.
  Coroutine* owner() const { return owner_.load(relaxed); }

 private:
  // Of state_. The mutex is free if none is set.
  static constexpr uint32_t k_held = 1;
  static constexpr uint32_t k_queued = 2;  // somebody is in the queue
  static constexpr uint32_t k_coming = 4;  // somebody is awake, and tries
  static constexpr uint32_t k_due = 8;     // the first in the queue wants it handed over

  // Who has been woken sees to the rest of the queue: by its own unlock(), or since it queues again.
  static constexpr bool may_just_let_go(uint32_t state) {
    return (state & k_due) == 0 && (state & (k_queued | k_coming)) != k_queued;
  }

  static constexpr uint32_t take(uint32_t state) { return state | k_held; }
  static constexpr uint32_t let_go(uint32_t state) { return state & ~k_held; }

  // What a Waiter's word says: does it try again, or is the mutex to be handed over to it?
  static constexpr uint32_t k_tries_again = 0;
  static constexpr uint32_t k_wants_it_handed_over = 1;

  using Queued = WaiterWith<uint32_t>;

  struct Attempt {
    static constexpr Reason k_reason = Reason::mutex;
    using Queued = mutex::Queued;
    mutex& it;
    const void* object() const { return &it; }
    ObjectLock& lock() const { return it.lock_; }
    WaitList& waiters() const { return it.waiters_; }
    bool succeeds(Queued& waiter) {
      waiter.word = k_wants_it_handed_over;
      return it.take_or_announce(k_queued | k_due);
    }
    void give_up(Waiter&, WakeList&) { it.note_queue(); }
  };

  Wake lock_slowly(Instant deadline, Park how);
  bool try_lock_otherwise();
  void unlock_otherwise();
  [[gnu::noinline]] bool try_lock_slowly();
  [[gnu::noinline]] void unlock_slowly();
  void take_state_back();
  void give_state();
  bool comes();
  bool may_come();
  // It has just been taken by who runs here.
  void note_passage() {
    owner_.store(&running(), relaxed);
    passages_.store(passages_.load(relaxed) + 1, relaxed);
  }
  // Under lock_. Takes the mutex if it is free; if not, sets these bits, since the queue is going to be used.
  bool take_or_announce(uint32_t queue_bits);
  // What the state is to say of the queue; and now it does. It never says less meanwhile.
  uint32_t queue_bits() const;
  void note_queue() {
    state_.set_bits(queue_bits());
    state_.clear_bits((k_queued | k_due) & ~queue_bits());
  }

  BiasedWord state_;
  Atomic<uint32_t> passages_{0};  // how often it has been taken; changed by who has it
  ObjectLock lock_;
  Atomic<Coroutine*> owner_{nullptr};
  WaitList waiters_;
};

}  // namespace weft::coro
