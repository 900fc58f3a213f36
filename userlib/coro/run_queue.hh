// The queues of a worker that shares. The owner puts in and takes out; idle workers ("thieves") take out.
// Both have a fixed size: who finds one full puts the coroutine into the scheduler's own queue.
//
// FifoQueue is Go's (runtime/proc.go, runqput and runqsteal): a ring with the owner at its tail, and both
// the owner and thieves taking from its head by a compare-and-exchange; so a thief can take half of it at
// once. LifoQueue is the deque of Chase and Lev, with the orderings of Lê, Pop, Cohen and Zappa Nardelli,
// "Correct and Efficient Work-Stealing for Weak Memory Models" (2013): the owner at its bottom without
// any read-modify-write but for the last element, thieves at its top, one at a time. The fence between
// the owner's announcement and its look is the light half of one, the thief's the heavy half
// (sys/asymmetric.hh): owners take for every child, thieves seldom. What a worker left when it began a
// child first is there, so that thieves get the oldest, which is most of the work.
#pragma once

#include "core/base/assert.hh"
#include "userlib/coro/coroutine.hh"
#include "userlib/sys/asymmetric.hh"

namespace weft::coro {

class FifoQueue {
 public:
  static constexpr uint32_t k_room = 256;

  // Owner. False if it is full.
  bool push(Coroutine& coroutine) {
    const uint32_t tail = tail_.load(relaxed);
    // Thieves read a slot before they take it, so a slot is free only when head has passed it.
    if (tail - head_.load(acquire) == k_room) return false;
    slots_[tail % k_room].store(&coroutine, relaxed);
    tail_.store(tail + 1, release);
    return true;
  }

  // Owner.
  Coroutine* pop() {
    uint32_t head = head_.load(acquire);
    while (head != tail_.load(relaxed)) {
      Coroutine* first = slots_[head % k_room].load(relaxed);
      if (head_.compare_exchange(head, head + 1, acq_rel)) return first;
    }
    return nullptr;
  }

  // Takes half of what is there, the oldest, at most so many, and hands each to sink(coroutine). How many it
  // was. Anyone; but who may stand on a small stack takes few, since they are noted there.
  template <uint32_t k_most, typename Sink>
  uint32_t take_half(Sink&& sink) {
    for (;;) {
      uint32_t head = head_.load(acquire);
      const uint32_t tail = tail_.load(acquire);
      const uint32_t here = tail - head;
      if (here > k_room) continue;  // head and tail are of different moments
      uint32_t count = here - here / 2;
      if (count == 0) return 0;
      if (count > k_most) count = k_most;
      Coroutine* taken[k_most];
      for (uint32_t i = 0; i < count; ++i) taken[i] = slots_[(head + i) % k_room].load(relaxed);
      if (!head_.compare_exchange(head, head + count, acq_rel)) continue;
      for (uint32_t i = 0; i < count; ++i) sink(*taken[i]);
      return count;
    }
  }

  bool empty() const { return head_.load(seq_cst) == tail_.load(seq_cst); }

 private:
  alignas(64) Atomic<uint32_t> head_{0};
  alignas(64) Atomic<uint32_t> tail_{0};
  Atomic<Coroutine*> slots_[k_room] = {};
};

class LifoQueue {
 public:
  static constexpr int64_t k_room = 256;

  // Owner. False if it is full.
  bool push(Coroutine& coroutine) {
    const int64_t bottom = bottom_.load(relaxed);
    if (bottom == full_at_ && !has_room(bottom)) [[unlikely]]
      return false;
    slot(bottom).store(&coroutine, relaxed);
    bottom_.store(bottom + 1, release);
    return true;
  }

  // Owner: the newest.
  Coroutine* pop() {
    const int64_t newest = bottom_.load(relaxed) - 1;
    if (newest < top_.load(relaxed))
      return nullptr;  // top only grows: it is empty, whatever is old
    return take_newest(newest);
  }

  // Owner, who has pushed that one and popped all that came after it: true if no thief has it. If it may be the last,
  // false; what pop_last() says then is the answer. (In two parts for whoever does this for each child, and feels a
  // call.) For who has asked sys::has_light_fences().
  bool pop_early([[maybe_unused]] const Coroutine& newest_pushed) {
    const int64_t newest = bottom_.load(relaxed) - 1;
    // lab:m-to-n begin 1
    // As take_newest() begins, in line.
    bottom_.store(newest, release);
    sys::surely_light_fence();
    if (top_.load(seq_cst) < newest) [[likely]] {
      DEBUG_ASSERT(slot(newest).load(relaxed) == &newest_pushed, "the newest is that one");
      return true;
    }
    // lab:m-to-n stub: bottom_.store(newest, relaxed);
    // lab:m-to-n end
    return false;
  }
  bool pop_last() { return take_newest(bottom_.load(relaxed)) != nullptr; }

  // Thief: the oldest. Null if there is none, or somebody else was quicker. Some microseconds, if there
  // seems to be one, and a fence for the owner.
  Coroutine* steal();

  bool empty() const { return count() <= 0; }
  // A moment ago. Anyone.
  int64_t count() const { return bottom_.load(seq_cst) - top_.load(seq_cst); }

 private:
  static uint64_t index(int64_t number) { return static_cast<uint64_t>(number) % k_room; }
  Atomic<Coroutine*>& slot(int64_t number) { return slots_[index(number)]; }
  Coroutine* take_newest(int64_t newest);
  // The owner looks only now and then how far thieves are.
  bool has_room(int64_t bottom) {
    full_at_ = top_.load(acquire) + k_room;
    return bottom != full_at_;
  }

  alignas(64) Atomic<int64_t> top_{0};
  alignas(64) Atomic<int64_t> bottom_{0};
  int64_t full_at_ = k_room;  // the owner's own: there may be as much room, and more
  Atomic<Coroutine*> slots_[k_room] = {};
};

}  // namespace weft::coro
