// Copying, filling and comparing bytes. The compiler itself calls these under their C names.
#pragma once

#include <cstddef>

extern "C" {
void* memcpy(void* target, const void* source, size_t count);
void* memmove(void* target, const void* source, size_t count);
void* memset(void* target, int value, size_t count);
int memcmp(const void* a, const void* b, size_t count);
const void* memchr(const void* bytes, int value, size_t count);
size_t strlen(const char* text);
}

namespace weft {

inline void copy_bytes(void* target, const void* source, size_t count) {
  memcpy(target, source, count);
}
inline void fill_bytes(void* target, int value, size_t count) { memset(target, value, count); }

}  // namespace weft
