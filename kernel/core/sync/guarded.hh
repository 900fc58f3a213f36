// Guarded<T, rank>: data inside the spin lock that guards it. The only way to the data is through
// the lock, so it cannot be forgotten.
//   Guarded<List, Rank::thread_list> all;
//   all.with([&](List& list) { list.push_back(thread); });
//   auto list = all.lock();  list->push_back(thread);      // held until `list` dies
#pragma once

#include "core/sync/spin_lock.hh"

namespace weft {

template <typename T, Rank rank>
class Guarded {
  static_assert(is_spin(rank), "a spin lock has a spin lock's rank");

 public:
  // The data, locked. Lives in one block; never stored.
  class [[nodiscard]] Locked {
   public:
    explicit Locked(Guarded& guarded) NO_THREAD_SAFETY_ANALYSIS : guarded_(guarded) {
      guarded_.lock_.lock();
    }
    ~Locked() NO_THREAD_SAFETY_ANALYSIS { guarded_.lock_.unlock(); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

    T* operator->() NO_THREAD_SAFETY_ANALYSIS { return &guarded_.value_; }
    T& operator*() NO_THREAD_SAFETY_ANALYSIS { return guarded_.value_; }

   private:
    Guarded& guarded_;
  };

  template <typename... Arguments>
  constexpr explicit Guarded(Arguments&&... arguments)
      : value_(static_cast<Arguments&&>(arguments)...) {}

  Locked lock() { return Locked(*this); }

  // Runs the function on the data, under the lock; hands on what it returns.
  template <typename Function>
  auto with(Function&& function) {
    SpinGuard guard(lock_);
    return function(value_);
  }

 private:
  SpinLock lock_{rank};
  T value_ GUARDED_BY(lock_);
};

}  // namespace weft
