// PerCpu<T>: one T for each CPU, for caches that make the common case free of shared locks.
//
// A claim switches interrupts off and takes the T in hand with one exchange on a cache line that
// no other CPU touches. So it never waits, but for the rare trim that empties all CPUs' caches from
// one place. A claim is held for a few instructions; inside it, locks of rank object_cache and above
// may be taken, never a claim of a cache further up.
#pragma once

#include <array>

#include "core/base/atomic.hh"
#include "core/hal.hh"
#include "core/sync/irq_guard.hh"

namespace weft::mm {

template <typename T>
class PerCpu {
  struct alignas(64) Slot {
    Atomic<bool> claimed{false};
    T value{};
  };

 public:
  class [[nodiscard]] Claim {
   public:
    ~Claim() { slot_.claimed.store(false, release); }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

    T* operator->() { return &slot_.value; }
    T& operator*() { return slot_.value; }

   private:
    friend class PerCpu;

    explicit Claim(PerCpu& all) : slot_(all.slots_[hal::cpu_id()]) { take(); }
    Claim(PerCpu& all, unsigned cpu) : slot_(all.slots_[cpu]) { take(); }

    void take() {
      // Pairs with the release in the destructor: what the last claim wrote is seen here.
      while (slot_.claimed.exchange(true, acquire)) [[unlikely]]
        hal::relax();
    }

    IrqGuard irq_off_;  // before slot_: the CPU cannot change any more when it is asked for
    Slot& slot_;
  };

  constexpr PerCpu() = default;

  // This CPU's.
  Claim claim() { return Claim(*this); }
  // That CPU's, for a trim or for the statistics.
  Claim claim_of(unsigned cpu) { return Claim(*this, cpu); }

 private:
  std::array<Slot, hal::k_max_cpus> slots_;
};

}  // namespace weft::mm
