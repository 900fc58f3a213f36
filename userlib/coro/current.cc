#include "userlib/coro/current.hh"

#include <new>

#include "userlib/coro/biased_word.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/thread_block.hh"

namespace weft::coro {
namespace {

// What runs on a thread that has never waited. Its `next` is itself, which isn't above any limit.
constinit Coroutine nobody;

// A block holds its own address, which a thread-local variable hasn't got before its thread begins.
alignas(ThreadBlock) constinit thread_local unsigned char own_block[sizeof(ThreadBlock)] = {};

}  // namespace

extern constinit const char k_place_base = 0;

Coroutine& self() {
  Coroutine& current = running();
  if (&current != &nobody) [[likely]]
    return current;
  Coroutine& block = (new (own_block) ThreadBlock)->block;
  block.context.resume_at.store(k_thread, relaxed);
  set_running(block);
  return block;
}

Coroutine*& own_current() { return weft_coro_current; }
Atomic<uintptr_t>& own_limit() { return weft_coro_limit; }

void become_worker(Worker& worker, bool is_alone) {
  weft_coro_worker = &worker;
  weft_coro_exclusive = is_alone;
  weft_coro_plain_section = is_alone ? nullptr : &plain_section_of(worker.number());
}

void become_plain_thread() {
  weft_coro_limit.store(k_goes_long_ways, relaxed);
  weft_coro_exclusive = false;
  weft_coro_plain_section = nullptr;
  weft_coro_worker = nullptr;
  set_running(nobody);
}

}  // namespace weft::coro

constinit thread_local weft::coro::Coroutine* weft_coro_current = &weft::coro::nobody;
constinit thread_local weft::Atomic<uintptr_t> weft_coro_limit{weft::coro::k_goes_long_ways};
constinit thread_local weft::coro::Worker* weft_coro_worker = nullptr;
constinit thread_local bool weft_coro_exclusive = false;
constinit thread_local weft::coro::PlainSection* weft_coro_plain_section = nullptr;
