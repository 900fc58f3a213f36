// Coroutine: what the runtime knows of one coroutine, in 64 bytes apart from its stack, so that a queue
// of them is dense in the cache. Everyone in this room uses it; users see handle<T> instead.
//
// Tricky: the same words serve three times. Before the first run they carry what is to be called;
// while it lives, its registers and its stack; after its end, the result.
//
//   New ──first run──> Running ──yield──> Runnable ──picked──> Running ...
//                        │ └──park──> Blocked ──unpark──> Runnable
//                        └──end──> Dead (until its handle has taken the result)
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/atomic.hh"
#include "core/base/types.hh"
#include "userlib/coro/switch.hh"

namespace weft::coro {

// Why a wait ended. Exactly one of these wins, however close together they come.
enum class Wake : uint8_t { woken, timed_out, cancelled };

// What a coroutine waits for, as the listing tells it.
enum class Reason : uint8_t {
  none,
  join,
  sleep,
  mutex,
  semaphore,
  condition,
  event,
  rwlock,
  barrier,
  latch,
  once,
  channel,
  select,
  wait_group,
  input_output,
  blocking_call,
  task,
  scope,
  other
};

enum class State : uint8_t { unused, created, runnable, running, blocked, dead };

struct Kind;
struct Frame;

// Values of Context::resume_at that are no addresses.
inline constexpr uintptr_t k_running = 0;      // registers not saved (yet)
inline constexpr uintptr_t k_not_started = 1;  // has no stack yet
inline constexpr uintptr_t k_stackless = 2;    // a C++20 coroutine: its frame is resumed by a call
inline constexpr uintptr_t k_thread = 3;       // stands for a plain thread, which sleeps on a futex
inline constexpr uintptr_t k_unused = 4;       // a free block
inline constexpr uintptr_t k_in_place = 5;     // waits where it stands (worker_in_place.cc)
inline constexpr uintptr_t k_called = 6;       // did so, and leaves its worker for another's
inline constexpr uintptr_t k_last_mark = 15;   // whatever is above is an address

// Is it still on its stack? Then whoever has picked it waits, some instructions long, for its address.
constexpr bool stands_on_stack(uintptr_t mark) {
  return mark == k_running || mark == k_in_place || mark == k_called;
}

// How the current wait stands. A wait begins as one of the first two; the compare-and-exchange to one
// of the last three decides who ends it.
enum class Park : uint8_t { none, waiting, waiting_uninterruptibly, woken, timed_out, cancelled };
constexpr bool is_waiting(Park park) {
  return park == Park::waiting || park == Park::waiting_uninterruptibly;
}

namespace flag {
inline constexpr uint8_t k_cancel_requested = 1;
inline constexpr uint8_t k_threw = 2;  // its result is an exception
}  // namespace flag

struct alignas(64) Coroutine {
  constexpr Coroutine() : frame(nullptr), next(this), previous(this) {}

  // Running or suspended: the registers. Not started: `resume_at` is a mark, and the two words after it
  // carry the function if it is small, or the address of its box. Dead: the result, likewise.
  Context context;
  // Started: the frame at the top of its stack. Not started: what kind of function it is. A task: the frame of the
  // task that was spawned.
  union {
    Frame* frame;
    const Kind* kind;
    void* task_frame;
  };

  // The queue it is in. A lone worker's ring is circular and has `previous`, too. Never null, so that
  // yield() may look before it asks. Of one that runs among workers that share, itself; but of one that began at once, as
  // long as it has not stopped, the parent that was left for it on the same worker.
  Coroutine* next;
  union {
    Coroutine* previous;  // in a lone worker's ring
    const void* object;   // blocked: what it waits for
    uint64_t stopped_at;  // a blocked task: since when (ticks.hh), or 0
  };

  // How its end meets who waits for it: null, the waiting coroutine, or one of the marks below.
  Atomic<Coroutine*> joiner{nullptr};

  Atomic<Park> park{Park::none};
  Atomic<uint8_t> flags{0};
  Reason reason = Reason::none;
  uint8_t stack_class = 0;
  // Where it was spawned: the low half of an address of code. The other half is that of k_place_base,
  // or next to it.
  uint32_t place = 0;

  // Its block is a new coroutine's from here on. (The four bytes in one store.)
  void renew(uint8_t stack, uint32_t spawned_at) {
    const uint8_t marks[4] = {static_cast<uint8_t>(Park::none), 0,
                              static_cast<uint8_t>(Reason::none), stack};
    __builtin_memcpy(reinterpret_cast<char*>(this) + k_marks, marks, sizeof marks);
    place = spawned_at;
    joiner.store(nullptr, relaxed);
  }
  static constexpr size_t k_marks = 56;

  // What it waits for, if it is blocked. A task has that where others save a register, of which it has none: there
  // nothing writes over it when the wait is over and the task is in the queue, so that its own code finds it again and
  // need not keep it in its frame (sync/wait.hh).
  [[gnu::no_sanitize_thread]] const void* awaited() const {
    return context.resume_at.load(relaxed) == k_stackless
               ? reinterpret_cast<const void*>(context.frame_pointer)
               : object;
  }

  // Two words that carry a small function before the first run, and a small result after the end.
  void* payload() { return &context.stack_pointer; }
};
static_assert(sizeof(Coroutine) == 64, "one cache line");
static_assert(offsetof(Coroutine, park) == Coroutine::k_marks &&
              offsetof(Coroutine, flags) == Coroutine::k_marks + 1 &&
              offsetof(Coroutine, reason) == Coroutine::k_marks + 2 &&
              offsetof(Coroutine, stack_class) == Coroutine::k_marks + 3);

// What the runtime needs to know of a type of function.
struct Kind {
  void (*run)(Coroutine& self, void* closure);  // calls it, and leaves the result in self's payload
  void (*drop)(void* closure);                  // destroys it uncalled
  void (*drop_result)(Coroutine& self);         // destroys a result that nobody wants
  const char* name;
};

// A place in the program that others are near to.
extern const char k_place_base;

// Marks in `joiner`.
inline Coroutine* const k_finished = reinterpret_cast<Coroutine*>(1);
inline Coroutine* const k_let_go = reinterpret_cast<Coroutine*>(2);
inline Coroutine* const k_ending = reinterpret_cast<Coroutine*>(3);  // its waiter is being claimed

}  // namespace weft::coro
