// Frame: what lies at the top of a started coroutine's stack: all that is wanted seldom, so that the
// control block keeps to one cache line.
#pragma once

#include "userlib/coro/coroutine.hh"

namespace weft::coro {

class LocalStore;
class scope;

struct alignas(16) Frame {
  Coroutine* coroutine;
  const Kind* kind;
  void* closure[2];  // the function itself if it is small, else the address of its box
  const char* name = nullptr;
  LocalStore* locals = nullptr;
  scope* of_scope = nullptr;
};

}  // namespace weft::coro
