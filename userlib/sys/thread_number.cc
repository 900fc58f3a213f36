#include "userlib/sys/thread_number.hh"

#include "userlib/syscalls.hh"

namespace weft::sys {
namespace {

constinit thread_local int32_t own_number = 0;  // 0: not asked yet

}  // namespace

int32_t thread_number() {
  if (own_number == 0) [[unlikely]]
    own_number = gettid().value_or(0);  // never fails
  return own_number;
}

void forget_thread_number() { own_number = 0; }

}  // namespace weft::sys
