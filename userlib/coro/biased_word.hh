// BiasedWord: a word that all change by atomic instructions, until it is given to one worker: that one then
// changes it by plain loads and stores, which take a third of the time. (Of locks this is called biased
// locking.) For words that one worker changes thousands of times before another one wants to.
//
// Who else wants to change it takes it back first. The worker says, around each plain change, at which word
// it is:
//
//     its worker                        who takes it back, under the object's lock
//     at = this                         is_asked_back = true
//     light_fence()                     heavy_fence()
//     is_asked_back? seen = word        waits while at == this
//     word = changed                    the word as it is now is nobody's
//     at = null
//
// One of the two sees the other (sys/asymmetric.hh): the worker sees that it is asked, and lets the word be; or
// the other one sees that the worker is still at it. The question has a place of its own, so that no plain
// store to the word overwrites it.
//
// A heavy fence takes some microseconds (15 on a virtual machine with two busy CPUs), and the worker loses
// half of that. So the other one first looks for a moment whether the worker comes by: who finds itself
// asked gives the word back. 8 million passages of a mutex by two workers take 17 heavy fences.
//
// A coroutine is not interrupted at the end of its time slice while its worker is at a word (time_slice.cc):
// the next one there would be at another.
#pragma once

#include "userlib/coro/current.hh"
#include "userlib/sys/asymmetric.hh"

namespace weft::coro {

// Where a worker says which word it is about to change. These live for ever: who takes a word back may be a
// plain thread, which the workers do not wait for when they end.
struct alignas(64) PlainSection {
  Atomic<const void*> at{nullptr};
  uint32_t mark = 0;  // its worker's, in a BiasedWord
};
PlainSection& plain_section_of(unsigned worker);

class BiasedWord {
 public:
  // What users may keep in it.
  static constexpr uint32_t k_value = 0x00ff'ffff;

  constexpr BiasedWord() = default;
  BiasedWord(const BiasedWord&) = delete;
  BiasedWord& operator=(const BiasedWord&) = delete;

  static constexpr bool is_biased(uint32_t seen) { return (seen & ~k_value) != 0; }

  // The value, and whose it is.
  uint32_t load(memory_order order) const { return word_.load(order); }

  // If it is this worker's, it becomes change(seen). False if it is not, or if that is what it was already.
  // Acquires and releases. With the change the word may go: nothing here touches it any more.
  template <typename Change>
  [[gnu::always_inline]] bool change_plainly(Change change) {
    PlainSection* const section = own_plain_section();
    if (section == nullptr) return false;
    section->at.store(this, relaxed);
    sys::light_fence();
    const bool is_done = change_at_once(section->mark, change);
    section->at.store(nullptr, release);
    return is_done;
  }

  // For who has seen that it is nobody's.
  bool compare_exchange(uint32_t& seen, uint32_t next, memory_order order) {
    return word_.compare_exchange(seen, next, order);
  }
  // For who alone may change it at present: a lone worker, which need not take it back, or somebody who has.
  void store(uint32_t next, memory_order order) { word_.store(next, order); }

  // ---- Under the object's lock
  // To the worker that runs here, if the fences are such that it pays.
  void give_to_this_worker();
  // It is nobody's from here on, until the lock is let go. May take as long as a heavy fence.
  void take_back();
  // It is nobody's then, too.
  void set_bits(uint32_t bits) {
    take_back();
    word_.fetch_or(bits, relaxed);
  }
  void clear_bits(uint32_t bits) {
    take_back();
    word_.fetch_and(~bits, relaxed);
  }

 private:
  static constexpr unsigned k_shift = 24;
  friend PlainSection& plain_section_of(unsigned worker);

  // Who takes the word back meanwhile waits for us, or we see the question here. That is read first: should it
  // be gone already since the word has been given to somebody else, then we see that, too.
  template <typename Change>
  [[gnu::always_inline]] bool change_at_once(uint32_t mark, Change change) {
    const bool is_asked_back = is_asked_back_.load(acquire);
    uint32_t seen = word_.load(acquire);
    if ((seen & ~k_value) != mark) return false;
    if (is_asked_back) [[unlikely]] {
      (void)word_.compare_exchange(seen, seen & k_value, release);
      return false;
    }
    const uint32_t next = change(seen);
    if (next == seen) return false;
    word_.store(next, release);
    return true;
  }
  bool comes_back_soon() const;

  Atomic<uint32_t> word_{0};  // above the value: the number of its worker and 1, or 0
  Atomic<bool> is_asked_back_{false};
};

}  // namespace weft::coro
