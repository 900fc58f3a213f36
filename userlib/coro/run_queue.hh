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

// Who begins one child after the other puts in and takes out all the time, so for that there is an early way, in line. Its
// count of children and the number of the next element are the two halves of one word, for one addition; and one
// comparison with another word tells the owner whether there is anything to look at: room, time, somebody who asks.
class LifoQueue {
 public:
  static constexpr uint32_t k_room = 512;
  static constexpr uint32_t k_most_between_looks = 256;

  // Owner. It looks after that.
  void push(Coroutine& coroutine) {
    put(coroutine, 1);
    count_others(-1);
  }
  // The same for a parent whose child begins, by who has asked sys::has_light_fences(). False if it is to look.
  bool push_early(Coroutine& parent) {
    const uint64_t bottom = put(parent, k_one_child + 1);
    sys::surely_light_fence();
    return bottom < looks_at_.load(seq_cst);
  }

  // The owner looks, after a push. Is there room for all until the next look? Else what it pushed is taken back, unless
  // thieves have it all.
  bool keeps_pushed() {
    return count() <= int32_t{k_room - k_most_between_looks} || pop() == nullptr;
  }
  // Have as many children begun as it said?
  bool is_time() const { return children() >= next_look_; }
  void look_again_after(uint32_t children_more) {
    next_look_ = children() + children_more;
    known_children_.store(next_look_, relaxed);
  }
  // It need not look again before that, unless somebody asks it to; or has asked until now, and still_asks().
  template <typename StillAsks>
  void has_looked(StillAsks still_asks) {
    if (!still_asks()) {
      looks_at_.exchange(next_look_ * k_one_child, seq_cst);
      if (!still_asks()) return;
    }
    ask();
  }
  // Anyone: it is to look after its next push.
  void ask() {
    if (looks_at_.load(seq_cst) != 0) looks_at_.store(0, seq_cst);
  }

  // Owner: the newest.
  Coroutine* pop() {
    const uint64_t newest = bottom_.load(relaxed) - 1;
    if (distance(top_.load(relaxed), newest) < 0)
      return nullptr;  // top only grows: it is empty, whatever is old
    Coroutine* const taken = take_newest(newest);
    // (The last one is taken as a thief does: from the other side.)
    if (taken != nullptr && bottom_.load(relaxed) == newest) count_others(1);
    return taken;
  }

  // Owner, whose child ends, and who has pushed that parent early and popped all that came after it: true if no thief has
  // it. If it may be the last, false; what pop_last() says then is the answer. (In two parts for whoever does this for each
  // child, and feels a call.)
  bool pop_early([[maybe_unused]] const Coroutine& newest_pushed) {
    const uint64_t newest = bottom_.load(relaxed) - 1;
    // lab:m-to-n begin 1
    // As take_newest() begins, in line.
    bottom_.store(newest, release);
    sys::surely_light_fence();
    if (distance(top_.load(seq_cst), newest) > 0) [[likely]] {
      DEBUG_ASSERT(slot(newest).load(relaxed) == &newest_pushed, "the newest is that one");
      return true;
    }
    // lab:m-to-n stub: bottom_.store(newest, relaxed);
    // lab:m-to-n end
    return false;
  }
  bool pop_last() {
    if (take_newest(bottom_.load(relaxed)) == nullptr) return false;
    count_others(-1);
    return true;
  }

  // Thief: the oldest. Null if there is none, or somebody else was quicker. Some microseconds, if there
  // seems to be one, and a fence for the owner.
  Coroutine* steal();

  // A moment ago. Anyone.
  bool empty() const { return count() <= 0; }
  int32_t count() const {
    const uint64_t bottom = bottom_.load(seq_cst);
    return distance(top_.load(seq_cst), bottom);
  }
  // How many early pushes there have been; how many more than early pops; and another number after each of both.
  uint64_t children() const {
    const uint64_t known = known_children_.load(relaxed);
    const uint64_t now = bottom_.load(relaxed) / k_one_child;
    return known + static_cast<uint64_t>(int64_t{distance(known, now)});
  }
  uint32_t children_not_ended() const {
    return static_cast<uint32_t>(bottom_.load(relaxed)) + others_.load(relaxed);
  }
  uint32_t moves() const {
    const uint64_t bottom = bottom_.load(relaxed);
    return static_cast<uint32_t>(2 * (bottom / k_one_child) - bottom);
  }

 private:
  static constexpr uint64_t k_one_child = uint64_t{1} << 32;

  // From the element of one number to that of another, as far as the lower halves tell.
  static int32_t distance(uint64_t from, uint64_t to) { return static_cast<int32_t>(to - from); }
  Atomic<Coroutine*>& slot(uint64_t number) { return slots_[number % k_room]; }
  uint64_t put(Coroutine& coroutine, uint64_t step) {
    const uint64_t bottom = bottom_.load(relaxed);
    slot(bottom).store(&coroutine, relaxed);
    bottom_.store(bottom + step, release);
    return bottom + step;
  }
  Coroutine* take_newest(uint64_t newest);
  void count_others(int32_t more) {
    others_.store(others_.load(relaxed) + static_cast<uint32_t>(more), relaxed);
  }

  alignas(64) Atomic<uint64_t> top_{0};
  // The number of the next element; in the upper half, how many early pushes there were. (A carry comes after four
  // thousand million thefts. The count is one too many then.)
  alignas(64) Atomic<uint64_t> bottom_{0};
  Atomic<uint64_t> looks_at_{0};  // who pushes and finds `bottom_` there, or past it, looks
  uint64_t next_look_ = k_most_between_looks;  // at so many children(). The owner's own
  Atomic<uint64_t> known_children_{
      0};  // a number not far from children(): the lower half of that is told anew
  Atomic<uint32_t> others_{0};  // what `bottom_` lacks for children_not_ended()
  Atomic<Coroutine*> slots_[k_room] = {};
};

}  // namespace weft::coro
