// The functions that the compiler calls of its own accord.
#include <cstddef>
#include <cstdint>

extern "C" {

void* memcpy(void* to, const void* from, size_t count) {
  void* const result = to;
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
  return result;
}

void* memset(void* to, int byte, size_t count) {
  void* const result = to;
  asm volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(byte) : "memory");
  return result;
}

void* memmove(void* to, const void* from, size_t count) {
  if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) >= count) {
    return memcpy(to, from, count);
  }
  auto* last_to = static_cast<char*>(to) + count;
  auto* last_from = static_cast<const char*>(from) + count;
  while (count-- > 0) *--last_to = *--last_from;
  return to;
}

int memcmp(const void* left, const void* right, size_t count) {
  const auto* one = static_cast<const unsigned char*>(left);
  const auto* other = static_cast<const unsigned char*>(right);
  for (size_t at = 0; at < count; ++at) {
    if (one[at] != other[at]) return one[at] - other[at];
  }
  return 0;
}

void* memchr(const void* text, int byte, size_t count) {
  const auto* bytes = static_cast<const unsigned char*>(text);
  for (size_t at = 0; at < count; ++at) {
    if (bytes[at] == static_cast<unsigned char>(byte))
      return const_cast<unsigned char*>(bytes + at);
  }
  return nullptr;
}

size_t strlen(const char* text) {
  size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

}  // extern "C"
