// What the library knows of a thread it has started, and the seam below weft::thread: how a thread
// comes to be and how it goes. thread/start.cc does it by clone, hosted/start.cc by the C library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/base/atomic.hh"
#include "core/base/result.hh"
#include "userlib/thread/scheduling.hh"

namespace weft {

// What a new thread is to be like.
struct thread_options {
  size_t stack_size = 256 * 1024;
  size_t guard_size = 4096;          // below the stack, not accessible: an overrun ends the process
  std::string_view name = {};        // at most 15 characters are kept; none: the starter's
  bool daemon = false;               // a program does not wait for its daemons' end
  std::optional<int> niceness = {};  // none: the starter's
  std::optional<scheduling> policy = {};  // none: the starter's
  std::optional<cpu_set> cpus = {};       // none: the starter's
};

namespace detail {

struct ThreadRecord {
  ThreadRecord(const thread_options& wanted, void (*function)(void*), void* its_argument)
      : options(wanted), run(function), argument(its_argument) {}

  // Whether the new thread is what it was to be: it says so itself, before it runs its function.
  static constexpr uint32_t k_preparing = 0;
  static constexpr uint32_t k_ready = 1;
  static constexpr uint32_t k_refused = 2;

  const thread_options options;  // its name may be gone when start() has returned
  void (*const run)(void*);
  void* const argument;
  Atomic<uint32_t> prepared{k_preparing};
  Errno error{};  // why it was refused
};

// Makes a thread that calls live(record). The record lives until join or detach.
Result<ThreadRecord*> make_thread(const thread_options& options, void (*run)(void*),
                                  void* argument);
void join_thread(ThreadRecord* record);
void detach_thread(ThreadRecord* record);
// The kernel's number for it.
int32_t number_of(ThreadRecord* record);

// The whole life of a thread, the same for both ways of making one.
void live(ThreadRecord& record);

// make_thread, and then whatever has to be waited for. If there is an error, run() was not called.
Result<ThreadRecord*> start_thread(const thread_options& options, void (*run)(void*),
                                   void* argument);

// A function and its arguments, on their way into a new thread.
template <typename Function, typename... Arguments>
struct ThreadCall {
  Function function;
  std::tuple<Arguments...> arguments;

  static void run(void* call) {
    auto* own = static_cast<ThreadCall*>(call);
    ThreadCall taken = std::move(*own);
    delete own;
    std::apply(std::move(taken.function), std::move(taken.arguments));
  }
};

}  // namespace detail
}  // namespace weft
