// The two futex operations that most cases are about.
#pragma once

#include "guest/support/calls.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

inline long wait_on(int* word, int value, const timespec* timeout = nullptr, int flags = 0) {
  return sys::futex(word, FUTEX_WAIT | flags, value, timeout, nullptr, 0);
}
inline long wake(int* word, int count, int flags = 0) {
  return sys::futex(word, FUTEX_WAKE | flags, count, nullptr, nullptr, 0);
}

}  // namespace weft::guest
