// What the compiler and the standard library's headers expect to find. Where they would throw, the
// program ends: only a bug comes here.
#include "core/base/assert.hh"

extern "C" void abort() { weft::panic("abort", __FILE__, __LINE__); }
extern "C" [[noreturn]] void __stack_chk_fail() {
  weft::panic("a stack was overrun", __FILE__, __LINE__);
}
extern "C" [[noreturn]] void __cxa_pure_virtual() {
  weft::panic("a pure virtual function was called", __FILE__, __LINE__);
}

// Global objects live until the process ends: nothing to run then.
extern "C" int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
void* __dso_handle = nullptr;

namespace std {
void __throw_out_of_range_fmt(const char* what, ...) { weft::panic(what, __FILE__, __LINE__); }
}  // namespace std
