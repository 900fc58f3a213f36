// Who runs on this kernel thread. These words are thread-local, and a coroutine may go on on
// another thread than it stopped on; so they are read by an instruction that the compiler can't
// remember the answer of, nor the address.
#pragma once

#include <cstdint>

#include "userlib/coro/coroutine.hh"

namespace weft::coro {
class Worker;
struct PlainSection;
}  // namespace weft::coro

// Plain names for the assembly. They begin as a thread that is no worker wants them.
extern "C" {
[[gnu::tls_model(
    "local-exec")]] extern constinit thread_local weft::coro::Coroutine* weft_coro_current;
[[gnu::tls_model(
    "local-exec")]] extern constinit thread_local weft::Atomic<uintptr_t> weft_coro_limit;
[[gnu::tls_model("local-exec")]] extern constinit thread_local weft::coro::Worker* weft_coro_worker;
[[gnu::tls_model("local-exec")]] extern constinit thread_local bool weft_coro_exclusive;
[[gnu::tls_model(
    "local-exec")]] extern constinit thread_local weft::coro::PlainSection* weft_coro_plain_section;
}

namespace weft::coro {

#define WEFT_READ_LOCAL(type, name)                                \
  ({                                                               \
    type value_;                                                   \
    asm volatile("movq %%fs:" name "@tpoff, %0" : "=r"(value_)::); \
    value_;                                                        \
  })

// The coroutine that runs here. On a plain thread: one that stands for nobody, until the thread waits
// for something (see own_block()).
[[gnu::always_inline]] inline Coroutine& running() {
  return *WEFT_READ_LOCAL(Coroutine*, "weft_coro_current");
}

// The worker whose thread this is, or null.
[[gnu::always_inline]] inline Worker* this_worker() {
  return WEFT_READ_LOCAL(Worker*, "weft_coro_worker");
}

// Where this thread says what it changes by plain stores (biased_word.hh): null if it is no worker, or a lone one.
[[gnu::always_inline]] inline PlainSection* own_plain_section() {
  return WEFT_READ_LOCAL(PlainSection*, "weft_coro_plain_section");
}

// Values of weft_coro_limit, which says what goes a short way on this thread. On a lone worker that has nothing to look
// at but its coroutines it is k_last_mark. On one that shares with others, and may leave parents behind, all ones; but
// for while a task runs there. On any other thread all ones but the first: so one comparison tells the three from each
// other, as k_last_mark is in the middle when they are taken for signed numbers, and both others are above all addresses
// when they are not.
inline constexpr uintptr_t k_begins_before_parents = ~uintptr_t{0};
inline constexpr uintptr_t k_goes_long_ways = k_begins_before_parents >> 1;

// A yield goes the short way if the next coroutine's `resume_at` is above weft_coro_limit, as the address of one that
// has run before is above k_last_mark. One comparison tells both.
[[gnu::always_inline]] inline bool goes_short_way(uintptr_t resume_at) {
  bool is_above;
  asm volatile("cmpq %%fs:weft_coro_limit@tpoff, %1" : "=@cca"(is_above) : "r"(resume_at));
  return is_above;
}

// Is this the thread of a lone worker that has nothing to look at but its coroutines?
[[gnu::always_inline]] inline bool has_short_ways() {
  bool is_lowest;
  asm volatile("cmpq %1, %%fs:weft_coro_limit@tpoff" : "=@cce"(is_lowest) : "i"(k_last_mark));
  return is_lowest;
}

// How coroutines begin and end on this thread.
enum class Ways : uint8_t {
  alone,           // has_short_ways()
  before_parents,  // a worker that shares, and a coroutine runs here that can be left for its children
  long_ones,
};
[[gnu::always_inline]] inline Ways ways_here() {
  asm goto(
      "cmpq %0, %%fs:weft_coro_limit@tpoff\n"
      "jl %l[before_parents]\n"
      "jne %l[long_ones]"
      :
      : "i"(k_last_mark)
      : "cc"
      : before_parents, long_ones);
  return Ways::alone;
before_parents:
  return Ways::before_parents;
long_ones:
  return Ways::long_ones;
}

// Is this a lone worker's thread, which nobody shares its coroutines and their objects with?
inline bool exclusive() { return weft_coro_exclusive; }

[[gnu::always_inline]] inline void set_running(Coroutine& next) {
  asm volatile("movq %0, %%fs:weft_coro_current@tpoff" ::"r"(&next) : "memory");
}

// This thread's words, for a worker that others tell to look up: it stays on its thread.
Coroutine*& own_current();
Atomic<uintptr_t>& own_limit();

// This thread is that worker's from here on; alone, or among workers that share.
void become_worker(Worker& worker, bool is_alone);
// It is a plain one again.
void become_plain_thread();

}  // namespace weft::coro
