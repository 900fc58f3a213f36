// Time slices: a coroutine that neither waits nor yields loses its worker to the others for a while, by a
// signal (SIGURG, which nobody else wants). Only where Options::time_slice asks for it.
//
//   the monitor sees that a worker has run one coroutine for a whole slice ── tgkill() ──┐
//   on the worker's signal stack, the handler looks whether this is a good place      <──┘
//   and if so, makes the interrupted code go on in weft_coro_interrupted (switch.S),
//   which saves all registers on the coroutine's stack and calls weft_coro_give_way();
//   when the coroutine's next turn comes, all is as it was
//
// No good places: the runtime's own sections and those of the library's locks, the heap among them
// (sys/uninterrupted.hh); in a hosted program, code of other libraries, such as the C library's heap;
// a stack with too little room for the registers, so the packed ones; who has prepared a wait, and not stopped yet.
// There it is the next slice's turn.
//
// Who is interrupted goes on on the same worker, so the address of a thread-local variable stays right.
// What it holds, it holds meanwhile: a lock of threads (thread/mutex.hh) that coroutines of the same
// worker want, too, must be held by a coroutine's mutex instead.
#pragma once

#include "userlib/coro/coroutine.hh"

namespace weft::coro {

// Before there are workers that can be interrupted. False if this program can't be: it is hosted, and
// linked with a C library, or a sanitizer, that can't be told apart from it.
bool start_time_slices();

// The turn of the coroutine on that thread ends, soon.
void end_turn_of(int32_t thread);

}  // namespace weft::coro
