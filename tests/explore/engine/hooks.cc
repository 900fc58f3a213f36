// The calls that the compiler puts before each access of instrumented code (-fsanitize=thread). We
// supply them ourselves, in the place of ThreadSanitizer's own: so the code under test needs no change,
// every plain and every atomic access is seen, and each is known by its place in the code.
#include <cstring>

#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"

namespace weft::explore {
namespace {

uint32_t place_of(const void* return_address) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(return_address)) - 1;
}

// Inlined into each hook: an access that is not watched costs a few instructions.
inline void access(const void* address, uint32_t size, bool is_write, const void* return_address) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  const size_t granule = ground.granule(at);
  if (granule == Ground::k_elsewhere) return;
  if (is_write) {
    ground.note_write(granule);
    if (size > 1) ground.note_write(ground.granule(at + size - 1));
  }
  if (engine.is_watching()) {
    engine.plain_access(granule, {at, size, place_of(return_address), is_write, false});
  }
}

void range(const void* address, size_t size, bool is_write, const void* return_address) {
  if (size == 0) return;
  const auto at = reinterpret_cast<uintptr_t>(address);
  if (is_write) ground.note_write(at, size);
  const size_t granule = ground.granule(at);
  if (granule == Ground::k_elsewhere || !engine.is_watching()) return;
  engine.plain_access(granule,
                      {at, static_cast<uint32_t>(size), place_of(return_address), is_write, false});
}

// The compiler's numbers for orders are those of std::memory_order.
memory_order order_of(int order) { return static_cast<memory_order>(order & 0x7fff); }

template <typename T>
uintptr_t address_of(const volatile T* word) {
  return reinterpret_cast<uintptr_t>(word);
}

template <typename T>
T load(const volatile T* word, int order, const void* place) {
  if (!engine.is_watching()) return *word;
  return static_cast<T>(engine.load(address_of(word), sizeof(T), order_of(order), place_of(place)));
}

template <typename T>
void store(volatile T* word, T value, int order, const void* place) {
  if (engine.is_watching()) {
    engine.store(address_of(word), sizeof(T), value, order_of(order), place_of(place));
  } else {
    *word = value;
    ground.note_write(address_of(word), sizeof(T));
  }
}

template <typename T>
T update(volatile T* word, T argument, Engine::Change change, int order, const void* place) {
  if (engine.is_watching()) {
    return static_cast<T>(engine.update(address_of(word), sizeof(T), change, argument,
                                        order_of(order), place_of(place)));
  }
  const T old = *word;
  *word = static_cast<T>(change(old, argument));
  ground.note_write(address_of(word), sizeof(T));
  return old;
}

template <typename T>
int exchange_if_equal(volatile T* word, T* expected, T desired, int success, int failure,
                      const void* place) {
  if (!engine.is_watching()) {
    if (*word != *expected) {
      *expected = *word;
      return 0;
    }
    *word = desired;
    ground.note_write(address_of(word), sizeof(T));
    return 1;
  }
  uint64_t seen = *expected;
  const bool was_equal =
      engine.compare_exchange(address_of(word), sizeof(T), seen, desired, order_of(success),
                              order_of(failure), place_of(place));
  if (!was_equal) *expected = static_cast<T>(seen);
  return was_equal ? 1 : 0;
}

uint64_t take_new(uint64_t, uint64_t argument) { return argument; }
uint64_t add(uint64_t old, uint64_t argument) { return old + argument; }
uint64_t subtract(uint64_t old, uint64_t argument) { return old - argument; }
uint64_t bit_or(uint64_t old, uint64_t argument) { return old | argument; }
uint64_t bit_and(uint64_t old, uint64_t argument) { return old & argument; }
uint64_t bit_xor(uint64_t old, uint64_t argument) { return old ^ argument; }
uint64_t bit_nand(uint64_t old, uint64_t argument) { return ~(old & argument); }

}  // namespace
}  // namespace weft::explore

using namespace weft::explore;  // NOLINT: the hooks below have C names

extern "C" {

#define HERE __builtin_return_address(0)

#define PLAIN_HOOKS(size)                                                       \
  void __tsan_read##size(void* address) { access(address, size, false, HERE); } \
  void __tsan_write##size(void* address) { access(address, size, true, HERE); } \
  void __tsan_read_write##size(void* address) { access(address, size, true, HERE); }
PLAIN_HOOKS(1)
PLAIN_HOOKS(2)
PLAIN_HOOKS(4)
PLAIN_HOOKS(8)
PLAIN_HOOKS(16)
#undef PLAIN_HOOKS

#define UNALIGNED_HOOKS(size)                                                             \
  void __tsan_unaligned_read##size(void* address) { access(address, size, false, HERE); } \
  void __tsan_unaligned_write##size(void* address) { access(address, size, true, HERE); } \
  void __tsan_unaligned_read_write##size(void* address) { access(address, size, true, HERE); }
UNALIGNED_HOOKS(2)
UNALIGNED_HOOKS(4)
UNALIGNED_HOOKS(8)
UNALIGNED_HOOKS(16)
#undef UNALIGNED_HOOKS

void __tsan_init() {}
void __tsan_vptr_update(void** place, void*) { access(place, 8, true, HERE); }
void __tsan_vptr_read(void** place) { access(place, 8, false, HERE); }
void __tsan_read_range(void* address, size_t size) { range(address, size, false, HERE); }
void __tsan_write_range(void* address, size_t size) { range(address, size, true, HERE); }

void* __tsan_memcpy(void* to, const void* from, size_t size) {
  range(from, size, false, HERE);
  range(to, size, true, HERE);
  return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, size_t size) {
  range(from, size, false, HERE);
  range(to, size, true, HERE);
  return std::memmove(to, from, size);
}
void* __tsan_memset(void* to, int value, size_t size) {
  range(to, size, true, HERE);
  return std::memset(to, value, size);
}

#define ATOMIC_HOOKS(bits)                                                                         \
  uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t* word, int order) {      \
    return load(word, order, HERE);                                                                \
  }                                                                                                \
  void __tsan_atomic##bits##_store(volatile uint##bits##_t* word, uint##bits##_t value,            \
                                   int order) {                                                    \
    store(word, value, order, HERE);                                                               \
  }                                                                                                \
  uint##bits##_t __tsan_atomic##bits##_exchange(volatile uint##bits##_t* word,                     \
                                                uint##bits##_t value, int order) {                 \
    return update(word, value, take_new, order, HERE);                                             \
  }                                                                                                \
  uint##bits##_t __tsan_atomic##bits##_fetch_add(volatile uint##bits##_t* word,                    \
                                                 uint##bits##_t value, int order) {                \
    return update(word, value, add, order, HERE);                                                  \
  }                                                                                                \
  uint##bits##_t __tsan_atomic##bits##_fetch_sub(volatile uint##bits##_t* word,                    \
                                                 uint##bits##_t value, int order) {                \
    return update(word, value, subtract, order, HERE);                                             \
  }                                                                                                \
  uint##bits##_t __tsan_atomic##bits##_fetch_or(volatile uint##bits##_t* word,                     \
                                                uint##bits##_t value, int order) {                 \
    return update(word, value, bit_or, order, HERE);                                               \
  }                                                                                                \
  uint##bits##_t __tsan_atomic##bits##_fetch_and(volatile uint##bits##_t* word,                    \
                                                 uint##bits##_t value, int order) {                \
    return update(word, value, bit_and, order, HERE);                                              \
  }                                                                                                \
  uint##bits##_t __tsan_atomic##bits##_fetch_xor(volatile uint##bits##_t* word,                    \
                                                 uint##bits##_t value, int order) {                \
    return update(word, value, bit_xor, order, HERE);                                              \
  }                                                                                                \
  uint##bits##_t __tsan_atomic##bits##_fetch_nand(volatile uint##bits##_t* word,                   \
                                                  uint##bits##_t value, int order) {               \
    return update(word, value, bit_nand, order, HERE);                                             \
  }                                                                                                \
  int __tsan_atomic##bits##_compare_exchange_strong(                                               \
      volatile uint##bits##_t* word, uint##bits##_t* expected, uint##bits##_t desired,             \
      int success, int failure) {                                                                  \
    return exchange_if_equal(word, expected, desired, success, failure, HERE);                     \
  }                                                                                                \
  int __tsan_atomic##bits##_compare_exchange_weak(                                                 \
      volatile uint##bits##_t* word, uint##bits##_t* expected, uint##bits##_t desired,             \
      int success, int failure) {                                                                  \
    return exchange_if_equal(word, expected, desired, success, failure, HERE);                     \
  }                                                                                                \
  uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                       \
      volatile uint##bits##_t* word, uint##bits##_t expected, uint##bits##_t desired, int success, \
      int failure) {                                                                               \
    exchange_if_equal(word, &expected, desired, success, failure, HERE);                           \
    return expected;                                                                               \
  }
ATOMIC_HOOKS(8)
ATOMIC_HOOKS(16)
ATOMIC_HOOKS(32)
ATOMIC_HOOKS(64)
#undef ATOMIC_HOOKS

void __tsan_atomic_thread_fence(int order) {
  if (engine.is_watching()) engine.fence(order_of(order), place_of(HERE));
}
void __tsan_atomic_signal_fence(int) {}
#undef HERE

}  // extern "C"
