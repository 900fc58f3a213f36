// In the place of some of userlib/sys: for threads without a kernel, the engine is the kernel.
#include "userlib/sys/futex.hh"

#include "explore/engine/engine.hh"
#include "userlib/sys/thread_number.hh"

namespace weft::futex {
namespace {

using explore::engine;

uintptr_t address_of(Atomic<uint32_t>& word) { return reinterpret_cast<uintptr_t>(&word); }
uint32_t place_of(const void* return_address) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(return_address)) - 1;
}

}  // namespace

#define HERE place_of(__builtin_return_address(0))

void wait(Atomic<uint32_t>& word, uint32_t value) {
  bool has_slept = false;
  engine.futex_wait(address_of(word), value, k_never, has_slept, HERE);
}
bool wait_until(Atomic<uint32_t>& word, uint32_t value, Instant deadline) {
  bool has_slept = false;
  return engine.futex_wait(address_of(word), value, deadline, has_slept, HERE) || !has_slept;
}
void wake(Atomic<uint32_t>& word, uint32_t count) {
  engine.futex_wake(address_of(word), count, HERE);
}
void wake_one(Atomic<uint32_t>& word) { engine.futex_wake(address_of(word), 1, HERE); }
void wake_all(Atomic<uint32_t>& word) { engine.futex_wake(address_of(word), INT32_MAX, HERE); }

// Here all words are of one process.
namespace shared {
void wait(Atomic<uint32_t>& word, uint32_t value) {
  bool has_slept = false;
  engine.futex_wait(address_of(word), value, k_never, has_slept, HERE);
}
bool wait_until(Atomic<uint32_t>& word, uint32_t value, Instant deadline) {
  bool has_slept = false;
  return engine.futex_wait(address_of(word), value, deadline, has_slept, HERE) || !has_slept;
}
void wake(Atomic<uint32_t>& word, uint32_t count) {
  engine.futex_wake(address_of(word), count, HERE);
}
void wake_one(Atomic<uint32_t>& word) { engine.futex_wake(address_of(word), 1, HERE); }
void wake_all(Atomic<uint32_t>& word) { engine.futex_wake(address_of(word), INT32_MAX, HERE); }
}  // namespace shared

#undef HERE

}  // namespace weft::futex

namespace weft {

int32_t sys::thread_number() { return static_cast<int32_t>(explore::engine.current()); }

// An error that the library's hosted half throws: here it is a bug of the scenario.
void throw_error(Errno, const char* what) { explore::engine.fail_stop(what); }

}  // namespace weft
