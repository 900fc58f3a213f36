#include "userlib/sys/thread_exit.hh"

#include <utility>

namespace weft::sys {
namespace {

struct ExitFunction {
  void (*function)(void*);
  void* object;
  ExitFunction* older;
};

constinit thread_local ExitFunction* youngest = nullptr;

}  // namespace

void run_thread_exit_functions() {
  while (youngest != nullptr) {
    ExitFunction* const each = std::exchange(youngest, youngest->older);
    each->function(each->object);
    delete each;
  }
}

// The C++ ABI's name for "when this thread ends, call function(object)".
extern "C" int __cxa_thread_atexit(void (*function)(void*), void* object, void*) {
  youngest = new ExitFunction{function, object, youngest};
  return 0;
}

}  // namespace weft::sys
