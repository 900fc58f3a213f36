// In the place of userlib/coro/current.cc, stack_pool.cc and overflow.cc: each agent's own words, and
// stacks that the engine knows.
#include <array>

#include "core/hal.hh"
#include "explore/engine/calls.hh"
#include "explore/engine/layout.hh"
#include "userlib/coro/biased_word.hh"
#include "userlib/coro/current.hh"
#include "userlib/coro/overflow.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/stack_pool.hh"
#include "userlib/coro/thread_block.hh"

namespace weft::coro {
namespace {

constinit Coroutine nobody;

struct AgentsWords {
  OwnWords words{.current = &nobody};
  ThreadBlock block;
};
constinit std::array<AgentsWords, 8> agents;

AgentsWords& own() { return agents.at(hal::cpu_id()); }

}  // namespace

extern constinit const char k_place_base = 0;

OwnWords& own_words() { return own().words; }

Coroutine& self() {
  Coroutine& current = running();
  if (&current != &nobody) return current;
  Coroutine& block = own().block.block;
  block.context.resume_at.store(k_thread, relaxed);
  set_running(block);
  return block;
}

void become_worker(Worker& worker, bool is_alone) {
  own_words().worker = &worker;
  own_words().is_exclusive = is_alone;
  own_words().plain_section = is_alone ? nullptr : &plain_section_of(worker.number());
}

void become_plain_thread() {
  own_words().limit.store(~uintptr_t{0}, relaxed);
  own_words().worker = nullptr;
  own_words().is_exclusive = false;
  own_words().plain_section = nullptr;
  set_running(nobody);
}

// A stack that came back stays with its worker: there is no run with many.
Result<void*> StackCache::refill(StackSize) {
  return reinterpret_cast<void*>(explore::take_stack());
}
void StackCache::hand_back_all_but(size_t, StackSize) {
  explore::fail_stop("a scenario's worker has more free stacks than it can keep");
}
void StackCache::clear() {}
void StackCache::check_packed(StackSize, void*) {}

// No signal comes, so there is no stack for its handler.
OverflowGuard::OverflowGuard() : stack_(nullptr) {}
OverflowGuard::~OverflowGuard() { static_cast<void>(stack_); }

}  // namespace weft::coro
