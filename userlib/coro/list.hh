// Seeing all coroutines: where each stands, what it waits for and how long, how deep its stack was.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hh"
#include "core/base/types.hh"
#include "userlib/coro/coroutine.hh"

namespace weft::coro {

struct Listed {
  uint64_t number = 0;  // names it while it lives
  State state = State::unused;
  Reason reason = Reason::none;      // of a blocked one
  const void* object = nullptr;      // that it waits for
  const char* name = nullptr;        // what it was given, or its function's type
  const void* spawned_at = nullptr;  // the place in the program
  // How long it has been blocked; k_never if nobody knows. See keep_times().
  Nanoseconds waited = k_never;
  size_t stack_used = 0;  // now, of one that stands still
};

// Of a function type's name what a reader wants, cut short: of "const char *type_name() [T = X]" the X.
inline std::string_view shorten_name(const char* name) {
  std::string_view text = name == nullptr ? "?" : name;
  if (const size_t at = text.find("= "); at != text.npos)
    text = text.substr(at + 2, text.size() - at - 3);
  return text.substr(0, 200);
}
const char* name_of(State state);
const char* name_of(Reason reason);

// That coroutine, as it is at this moment. It may be a block that nobody uses.
Listed look_at(const Coroutine& coroutine);

// Calls visit(argument, listed) for each coroutine that lives. The others run on meanwhile, so each line
// is true for a moment, and two lines need not be of the same one.
void list_coroutines(void (*visit)(void* argument, const Listed& listed), void* argument);

// How much of its stack was ever used, by this coroutine or those that had the stack before: looks for
// what was written, down to the first page (of a packed stack: 128 bytes) that holds nothing. If it is the likely one, that
// is found sooner.
size_t stack_peak(const Coroutine& coroutine, size_t likely = 0);

// From here on, coroutines that begin to wait note the time. They all take the long way then.
void keep_times();

// Writes the list to a descriptor, and how many they are: a line for each, or for several in a row that differ in nothing
// but their numbers (dumped_lines.hh). Allocates nothing and takes no lock, so a signal handler may do it.
void dump_coroutines(int32_t fd);
// From here on, that signal makes the program write its coroutines to standard error, and go on. Keeps
// times.
Result<> dump_on_signal(int32_t signal);

namespace detail {
extern Atomic<bool> times_are_kept;
}  // namespace detail

}  // namespace weft::coro
