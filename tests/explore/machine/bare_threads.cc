// Threads without a kernel: their start and their end.
#include "explore/engine/calls.hh"
#include "explore/machine/threads.hh"

namespace weft::explore {
namespace {

struct Start {
  void (*entry)(void*);
  void* argument;
};

void live(void* argument) {
  const Start& start = *static_cast<Start*>(argument);
  wait_at_gate();
  start.entry(start.argument);
  finish_body();
  end_agent();
}

}  // namespace

void add_bare_thread(const char* name, void (*entry)(void*), void* argument) {
  add_agent(name, live, new Start{entry, argument});
  add_body();
}

}  // namespace weft::explore
