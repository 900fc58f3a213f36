// Where the owner and thieves of a LifoQueue meet: at its last element.
//
//     top_                          bottom_
//      v                              v
//     | oldest |  ...  |   newest   |         elements have the numbers from top_ to bottom_ - 1
//      thieves            the owner
#include "userlib/coro/run_queue.hh"

namespace weft::coro {

// Owner. `newest` is bottom_ - 1, and was in the queue a moment ago. Null if thieves have it.
Coroutine* LifoQueue::take_newest(int64_t newest) {
  // lab:m-to-n begin 1
  // The owner announces what it takes before it looks what thieves have announced; they do it the
  // other way round. An exchange is the cheapest full fence.
  (void)bottom_.exchange(newest, seq_cst);
  int64_t top = top_.load(seq_cst);
  if (top < newest) return slots_[newest % k_room].load(relaxed);
  Coroutine* last = nullptr;
  if (top == newest) {
    last = slots_[newest % k_room].load(relaxed);
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
  int64_t top = top_.load(seq_cst);
  if (top >= bottom_.load(seq_cst)) return nullptr;
  Coroutine* oldest = slots_[top % k_room].load(relaxed);
  return top_.compare_exchange(top, top + 1, seq_cst) ? oldest : nullptr;
  // lab:m-to-n stub: panic("not implemented: lab m-to-n, part 1");
  // lab:m-to-n end
}

}  // namespace weft::coro
