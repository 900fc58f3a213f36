// What the compiler and the standard library's headers take for granted: functions on memory and
// text, and the places where impossible things end.
#include <cstddef>
#include <cstdint>

#include "core/base/assert.hh"

extern "C" {

// Words first, then the bytes that are left: an instruction that repeats itself takes a step for each.

void* memcpy(void* __restrict to, const void* __restrict from, size_t size) {
  void* const result = to;
  size_t words = size / sizeof(uint64_t);
  size_t bytes = size % sizeof(uint64_t);
  asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words)::"memory");
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes)::"memory");
  return result;
}

void* memset(void* to, int byte, size_t size) {
  void* const result = to;
  const uint64_t word = static_cast<unsigned char>(byte) * uint64_t{0x0101'0101'0101'0101};
  size_t words = size / sizeof(uint64_t);
  size_t bytes = size % sizeof(uint64_t);
  asm volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(word) : "memory");
  asm volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(word) : "memory");
  return result;
}

void* memmove(void* to, const void* from, size_t size) {
  if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) >= size) {
    return memcpy(to, from, size);
  }
  auto* target = static_cast<char*>(to);
  const auto* source = static_cast<const char*>(from);
  while (size-- > 0) {
    target[size] = source[size];
    asm volatile("" ::: "memory");  // or the compiler would make this loop a call of memmove
  }
  return to;
}

int memcmp(const void* left, const void* right, size_t size) {
  const auto* a = static_cast<const unsigned char*>(left);
  const auto* b = static_cast<const unsigned char*>(right);
  for (; size > 0; --size, ++a, ++b) {
    if (*a != *b) return *a < *b ? -1 : 1;
  }
  return 0;
}

void* memchr(const void* begin, int byte, size_t size) {
  const auto* at = static_cast<const unsigned char*>(begin);
  for (; size > 0; --size, ++at) {
    if (*at == static_cast<unsigned char>(byte)) return const_cast<unsigned char*>(at);
  }
  return nullptr;
}

size_t strlen(const char* text) {
  size_t length = 0;
  for (; text[length] != '\0'; ++length) asm volatile("" ::: "memory");
  return length;
}

// A virtual function without a body was called.
[[noreturn]] void __cxa_pure_virtual() {
  weft::panic(
      "broken promise: an object is not used before its constructor or after its destructor");
}

}  // extern "C"

// The headers throw exceptions for wrong indexes; here that is a broken promise like any other.
namespace std {

[[noreturn]] void __throw_out_of_range_fmt(const char*, ...) {
  weft::panic("broken promise: a position is inside its text or array");
}
[[noreturn]] void __throw_logic_error(const char*) {
  weft::panic("broken promise: a standard library object is used as it should be");
}
[[noreturn]] void __throw_length_error(const char*) {
  weft::panic("broken promise: a standard library object is not asked to grow too large");
}
[[noreturn]] void __throw_bad_optional_access() {
  weft::panic("broken promise: an optional value is there when it is used");
}
[[noreturn]] void __glibcxx_assert_fail(const char*, int, const char*, const char*) noexcept {
  weft::panic("broken promise: a standard library object is used as it should be");
}

}  // namespace std
