// Who waits for whom: a coroutine that waits for a mutex waits for its owner, one at a reader-writer lock for
// the writer inside, one at a call_once() for who runs the function, one that joins another for that one, one in a scope's end for
// its coroutines (of which one that waits for another is followed).
// Whoever stands on a circle of this graph waits for ever. Of a channel, a semaphore
// or an event nobody knows who will send, release or set, and readers are not counted by name; but when all coroutines wait, and no timer,
// descriptor or blocking call is under way, nobody will.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::coro {

// Writes the circles to a descriptor, each coroutine with its place of spawn and what it waits for. How many
// circles there are. For when the others stand still: it looks at what lies on their stacks.
size_t report_circles(int32_t fd);

// For the scheduler, when all wait and nothing can end that (Options::report_deadlocks): the circles, then
// who else waits.
void report_deadlock(int32_t fd);

}  // namespace weft::coro
