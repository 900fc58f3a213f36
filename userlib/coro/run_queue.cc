// Where the owner and thieves of a LifoQueue meet: at its last element.
//
//     top_                          bottom_
//      v                              v
//     | oldest |  ...  |   newest   |         elements have the numbers from top_ to bottom_ - 1 (its lower half)
//      thieves            the owner
#include "userlib/coro/run_queue.hh"

#include "userlib/sys/asymmetric.hh"

namespace weft::coro {

// Owner. `newest` is bottom_ - 1. Null if thieves have it.
Coroutine* LifoQueue::take_newest(uint64_t newest) {
  // lab:m-to-n begin 1
  // The owner announces what it takes before it looks what thieves have announced; they do it the
  // other way round. Owners take all the time, so theirs is the light half of the fence.
  bottom_.store(newest, release);
  sys::light_fence();
  uint64_t top = top_.load(seq_cst);
  const int32_t older = distance(top, newest);
  if (older > 0) return slot(newest).load(relaxed);
  Coroutine* last = nullptr;
  if (older == 0) {
    last = slot(newest).load(relaxed);
    if (!top_.compare_exchange(top, top + 1, seq_cst)) last = nullptr;
  }
  bottom_.store(newest + 1, relaxed);
  return last;
  // lab:m-to-n stub: static_cast<void>(newest);
  // lab:m-to-n stub: panic("not implemented: lab m-to-n, part 1");
  // lab:m-to-n end
}

Coroutine* LifoQueue::steal() {
  // lab:m-to-n begin 1
  uint64_t top = top_.load(seq_cst);
  if (distance(top, bottom_.load(acquire)) <= 0)
    return nullptr;  // a glance costs the owner no fence
  sys::heavy_fence();
  if (distance(top, bottom_.load(acquire)) <= 0) return nullptr;
  Coroutine* oldest = slot(top).load(relaxed);
  return top_.compare_exchange(top, top + 1, seq_cst) ? oldest : nullptr;
  // lab:m-to-n stub: panic("not implemented: lab m-to-n, part 1");
  // lab:m-to-n end
}

}  // namespace weft::coro
