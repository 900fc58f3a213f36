// In the place of userlib/coro/sanitizers.hh, in the explorer's build. The switch itself is assembly, which
// the explorer doesn't see; so its last store, which tells others that all is saved, is a step before it.
#pragma once

#include "userlib/coro/frame.hh"
#include "userlib/coro/stack_pool.hh"
#include "userlib/coro/switch.hh"

extern "C" void weft_coro_switch(weft::coro::Context& from, const weft::coro::Context& to);
extern "C" const char weft_coro_switched;

namespace weft::coro {

class Worker;

// No way around switch_to().
inline constexpr bool k_sanitized = true;

namespace sanitizer {
inline void register_base(Coroutine&) {}
inline void after_switch(void*) {}
inline void new_frame(Frame&) {}
template <typename Put>
void keep_fiber(Frame&, Put put) {
  put();
}
}  // namespace sanitizer

inline void switch_to(Coroutine& from, Coroutine& to) {
  // What the assembly will write there, with no step of another agent in between.
  from.context.resume_at.store(reinterpret_cast<uintptr_t>(&weft_coro_switched), release);
  weft_coro_switch(from.context, to.context);
}

// The new one's registers wait below its frame.
#define WEFT_POP_REGISTERS "popq %r12\npopq %rdi\npopq %rsi\npopq %rax\npopq %rdx\n"
[[gnu::naked]] inline void begin_with_registers() {
  asm volatile(WEFT_POP_REGISTERS "jmp weft_coro_begin_at_once\n");
}
[[gnu::naked]] inline void begin_child_with_registers() {
  asm volatile(WEFT_POP_REGISTERS "jmp weft_coro_begin_before_parent\n");
}

inline void switch_to_beginning(Coroutine& from, Coroutine& to, Frame& frame, void (*begin)(),
                                Worker* worker, void* run, void* closure) {
  auto** registers = reinterpret_cast<void**>(&frame) - 5;
  registers[0] = worker;
  registers[1] = &to;
  registers[2] = closure;
  registers[3] = run;
  registers[4] = &from;
  Context beginning;
  beginning.resume_at.store(reinterpret_cast<uintptr_t>(begin), relaxed);
  beginning.stack_pointer = reinterpret_cast<uintptr_t>(registers);
  from.context.resume_at.store(reinterpret_cast<uintptr_t>(&weft_coro_switched), release);
  weft_coro_switch(from.context, beginning);
}

inline void switch_to_new(Coroutine& from, Coroutine& to, Frame& frame, Worker* worker,
                          void (*run)(Coroutine&, void*), void* closure) {
  switch_to_beginning(from, to, frame, &begin_with_registers, worker, reinterpret_cast<void*>(run),
                      closure);
}
inline Coroutine& switch_to_child(Coroutine& from, Coroutine& to, Frame& frame, Worker* worker,
                                  void (*run)(Coroutine&, void*, Coroutine&, Worker&),
                                  void* closure) {
  switch_to_beginning(from, to, frame, &begin_child_with_registers, worker,
                      reinterpret_cast<void*>(run), closure);
  return from;
}

[[noreturn]] inline void leave_to(Coroutine& to) { leave_for_context(to.context); }

}  // namespace weft::coro
