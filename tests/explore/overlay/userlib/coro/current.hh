// In the place of userlib/coro/current.hh, in the explorer's build: all agents run on one thread of the
// host, so what is thread-local elsewhere lies in a table here, by agent.
#pragma once

#include <cstdint>

#include "userlib/coro/coroutine.hh"

namespace weft::coro {

class Worker;
struct PlainSection;

inline constexpr uintptr_t k_begins_before_parents = ~uintptr_t{0};
inline constexpr uintptr_t k_goes_long_ways = k_begins_before_parents >> 1;

struct OwnWords {
  Coroutine* current;
  Atomic<uintptr_t> limit{k_goes_long_ways};
  Worker* worker = nullptr;
  bool is_exclusive = false;
  PlainSection* plain_section = nullptr;
};
OwnWords& own_words();

inline Coroutine& running() { return *own_words().current; }
inline Worker* this_worker() { return own_words().worker; }
inline bool goes_short_way(uintptr_t resume_at) {
  return resume_at > own_words().limit.load(relaxed);
}
inline bool has_short_ways() { return own_words().limit.load(relaxed) == k_last_mark; }
enum class Ways : uint8_t { alone, before_parents, long_ones };
inline Ways ways_here() {
  const uintptr_t limit = own_words().limit.load(relaxed);
  if (limit == k_last_mark) return Ways::alone;
  return limit == k_begins_before_parents ? Ways::before_parents : Ways::long_ones;
}
inline PlainSection* own_plain_section() { return own_words().plain_section; }
inline bool exclusive() { return own_words().is_exclusive; }
inline void set_running(Coroutine& next) { own_words().current = &next; }

inline Coroutine*& own_current() { return own_words().current; }
inline Atomic<uintptr_t>& own_limit() { return own_words().limit; }
void become_worker(Worker& worker, bool is_alone);
void become_plain_thread();

}  // namespace weft::coro
