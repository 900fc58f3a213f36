// Who waits for whom: a coroutine that waits for a mutex waits for its owner, one that joins another
// waits for that one. Whoever stands on a circle of this graph waits for ever. Of a channel, a semaphore
// or an event nobody knows who will send, release or set; but when all coroutines wait, and no timer,
// descriptor or blocking call is under way, nobody will.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::coro {

// Writes the circles to a descriptor, each coroutine with its place of spawn and what it waits for. How many
// circles there are. While others run, it may see what is over already: for when they stand still, and
// for those who know that.
size_t report_circles(int32_t fd);

// For the scheduler, when all wait and nothing can end that (Options::report_deadlocks): the circles, then
// who else waits.
void report_deadlock(int32_t fd);

}  // namespace weft::coro
