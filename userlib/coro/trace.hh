// Tracing: what coroutines do, for the kernel's timeline. It is on while the kernel streams a trace
// (`make trace`), and off for good otherwise: Linux has the same file, but refuses the empty marker
// that asks whether anybody listens.
//
// A worker gathers its events and writes many at once. They carry the CPU's time stamps until then, and
// the kernel's time afterwards. Off, it costs a yield of a lone worker nothing: a worker that traces
// sends everything the long way (has_short_ways()), and only there somebody asks whether it does.
// What that costs the others is measured beside a build with WEFT_UNTRACED, which has no tracer.
//
// Who reads the events should know: each is written by the thread it happened on. "runs" ends the
// turn of whoever ran on that thread before, if that one has not gone on on another since. A
// coroutine is named by the number that the listing has.
#pragma once

#include <string_view>

#include "core/abi/trace_marker.hh"
#include "core/base/types.hh"
#include "userlib/coro/coroutine.hh"
#include "userlib/coro/ticks.hh"

namespace weft::coro {
namespace detail {
#if defined(WEFT_UNTRACED)
inline constexpr bool k_has_tracer = false;
#else
inline constexpr bool k_has_tracer = true;
#endif
}  // namespace detail

using Traced = abi::TraceMarkerKind;

class Tracer {
 public:
  Tracer() = default;
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  ~Tracer();

  // On the worker's thread, before all others: looks whether anybody listens.
  void start();
  bool is_on() const { return detail::k_has_tracer && markers_ != nullptr; }

  void note(Traced kind, uint64_t first, uint64_t second = 0, unsigned detail = 0) {
    if (is_on()) [[unlikely]]
      append(kind, first, second, detail);
  }
  void note(Traced kind, const Coroutine& of, uint64_t second = 0, unsigned detail = 0) {
    if (is_on()) [[unlikely]]
      append_of(kind, of, second, detail);
  }
  // It is new, and called after its function until it has a name.
  void note_start(const Coroutine& of, const Coroutine& parent, const char* function) {
    if (is_on()) [[unlikely]]
      append_start(of, parent, function);
  }
  void note_name(const Coroutine& of, const char* name) {
    if (is_on()) [[unlikely]]
      append_name(of, name);
  }
  // It is about to wait. One whose wait has been ended already does not stop at all, for the reader.
  void note_park(const Coroutine& of, const void* object) {
    if (is_on()) [[unlikely]]
      append_park(of, object);
  }

  // Hands over what was gathered.
  void flush();

  static uint64_t number_of(const Coroutine& coroutine);

 private:
  static constexpr size_t k_room = 126;

  // One call with what is at hand, no more: more of it would keep the compiler from inlining its callers, which
  // would cost a yield ten times what the question does.
  void append(Traced kind, uint64_t first, uint64_t second, unsigned detail);
  void append_of(Traced kind, const Coroutine& of, uint64_t second, unsigned detail);
  void append_start(const Coroutine& of, const Coroutine& parent, const char* function);
  void append_name(const Coroutine& of, std::string_view name);
  void append_park(const Coroutine& of, const void* object);

  abi::TraceMarker* markers_ = nullptr;  // k_room of them
  size_t count_ = 0;
  Moment last_flush_;
};

namespace detail {
// The file that is written to, or -1.
extern constinit Atomic<int32_t> trace_channel;
void append_wake(const Coroutine& woken);
// Where the events go. Tests have them in a file of their own.
extern const char* trace_path;
// For the runtime's beginning and end.
void open_trace();
void close_trace();
}  // namespace detail

// Somebody has ended its wait: any thread, also one that is no worker's.
inline void note_wake(const Coroutine& woken) {
  if (detail::k_has_tracer && detail::trace_channel.load(relaxed) >= 0) [[unlikely]]
    detail::append_wake(woken);
}

}  // namespace weft::coro
