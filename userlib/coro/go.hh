// go(): starts a coroutine. handle<T>: waits for its end and takes its result. yield().
#pragma once

#include <cstdint>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include "userlib/coro/park.hh"
#include "userlib/coro/stack_pool.hh"

namespace weft::coro {

enum class Launch : uint8_t {
  queued,  // it waits its turn; who spawns it runs on
  now,     // it runs at once; who spawned it goes on when it stops, or on an idle worker
};

struct Spawn {
  StackSize stack = k_default_stack;
  Launch launch = Launch::queued;
  const char* name = nullptr;  // a literal
};

// Another coroutine's turn. A few nanoseconds on a lone worker; no clock, no system call.
void yield();

namespace detail {

// A new block for such a function; its payload is to be filled.
Coroutine& make_coroutine(const Kind& kind, StackSize stack, int32_t place);
void launch(Coroutine& coroutine, Launch how);
void wait_for_end(Coroutine& coroutine);
bool wait_for_end_until(Coroutine& coroutine, Instant deadline);
bool has_ended(const Coroutine& coroutine);
// The handle lets go of one that has ended.
void release_block(Coroutine& coroutine);
// Lets go of one that may run yet. True when it has ended, so that its result is the caller's to drop.
bool let_go(Coroutine& coroutine);
void yield_slowly();
void request_cancel(Coroutine& coroutine);

// This place in the program, as coroutines remember it: its distance from a symbol of the program.
[[gnu::always_inline]] inline int32_t here() {
  uintptr_t place;
  asm("leaq 0(%%rip), %0" : "=r"(place));
  return static_cast<int32_t>(place - reinterpret_cast<uintptr_t>(&k_place_base));
}

template <typename T>
inline constexpr bool k_fits =
    sizeof(T) <= 16 && alignof(T) <= 8 && std::is_trivially_copyable_v<T>;

// A value in the two words of a block's payload, or in a box that they point to.
template <typename T>
struct Parcel {
  template <typename... Arguments>
  static void pack(void* payload, Arguments&&... arguments) {
    if constexpr (k_fits<T>) {
      new (payload) T(std::forward<Arguments>(arguments)...);
    } else {
      *static_cast<T**>(payload) = new T(std::forward<Arguments>(arguments)...);
    }
  }
  static T& look(void* payload) {
    if constexpr (k_fits<T>) {
      return *std::launder(static_cast<T*>(payload));
    } else {
      return **static_cast<T**>(payload);
    }
  }
  static void drop(void* payload) {
    if constexpr (!k_fits<T>) delete *static_cast<T**>(payload);
  }
  static T take(void* payload) {
    T value = std::move(look(payload));
    drop(payload);
    return value;
  }
};

template <typename T>
constexpr const char* type_name() {
  return __PRETTY_FUNCTION__;
}

// A function with its arguments.
template <typename Function, typename... Arguments>
struct Call {
  using Result = std::invoke_result_t<Function, Arguments...>;

  Function function;
  [[no_unique_address]] std::tuple<Arguments...> arguments;

  static void run(Coroutine& self, void* closure) {
    Call call = Parcel<Call>::take(closure);
    if constexpr (std::is_void_v<Result>) {
      std::apply(std::move(call.function), std::move(call.arguments));
    } else {
      Parcel<Result>::pack(self.payload(),
                           std::apply(std::move(call.function), std::move(call.arguments)));
    }
  }
  static void drop_result(Coroutine& self) {
    if constexpr (!std::is_void_v<Result>) Parcel<Result>::drop(self.payload());
  }
  static constexpr Kind k_kind{&run, &Parcel<Call>::drop, &drop_result, type_name<Function>()};
};

}  // namespace detail

// Owns the end of a coroutine: join() it once, or let it go. A handle that goes away unjoined lets its
// coroutine run on, and drops the result.
template <typename T>
class handle {
 public:
  handle() = default;
  explicit handle(Coroutine& coroutine) : coroutine_(&coroutine) {}
  handle(handle&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  handle& operator=(handle&& other) noexcept {
    if (this != &other) {
      detach();
      coroutine_ = std::exchange(other.coroutine_, nullptr);
    }
    return *this;
  }
  ~handle() { detach(); }

  bool joinable() const { return coroutine_ != nullptr; }
  bool is_done() const { return detail::has_ended(*coroutine_); }

  // Waits until it has ended; its result. From coroutines and from plain threads.
  T join() {
    detail::wait_for_end(*coroutine_);
    return take();
  }
  // Waits no longer than that, or until who waits is cancelled. Then, if this is true, join() is at once.
  bool wait_until(Instant deadline) { return detail::wait_for_end_until(*coroutine_, deadline); }
  bool wait_for(Nanoseconds duration) { return wait_until(now() + duration); }

  // Asks it to end: its present or next wait ends with Wake::cancelled.
  void cancel() { detail::request_cancel(*coroutine_); }

  void detach() {
    if (coroutine_ == nullptr) return;
    Coroutine& coroutine = *std::exchange(coroutine_, nullptr);
    if (!detail::let_go(coroutine)) return;
    if constexpr (!std::is_void_v<T>) detail::Parcel<T>::drop(coroutine.payload());
    detail::release_block(coroutine);
  }

  // The result of one that has ended.
  T take() {
    Coroutine& coroutine = *std::exchange(coroutine_, nullptr);
    if constexpr (std::is_void_v<T>) {
      detail::release_block(coroutine);
    } else {
      T result = detail::Parcel<T>::take(coroutine.payload());
      detail::release_block(coroutine);
      return result;
    }
  }

 private:
  Coroutine* coroutine_ = nullptr;
};

// Starts a coroutine that calls function(arguments...). The arguments are copied or moved in.
template <typename Function, typename... Arguments>
  requires std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...>
[[gnu::always_inline]] auto go(Spawn how, Function&& function, Arguments&&... arguments) {
  using Call = detail::Call<std::decay_t<Function>, std::decay_t<Arguments>...>;
  Coroutine& coroutine = detail::make_coroutine(Call::k_kind, how.stack, detail::here());
  detail::Parcel<Call>::pack(coroutine.payload(), Call{std::forward<Function>(function),
                                                       {std::forward<Arguments>(arguments)...}});
  detail::launch(coroutine, how.launch);
  return handle<typename Call::Result>(coroutine);
}
template <typename Function, typename... Arguments>
  requires std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...>
[[gnu::always_inline]] auto go(Function&& function, Arguments&&... arguments) {
  return go(Spawn{}, std::forward<Function>(function), std::forward<Arguments>(arguments)...);
}

[[gnu::always_inline]] inline void yield() {
  Coroutine& me = running();
  Coroutine& next = *me.next;
  if (next.context.resume_at.load(relaxed) <= short_way_limit()) [[unlikely]]
    return detail::yield_slowly();
  set_running(next);
  switch_context(me.context, next.context);
}

// Stops this coroutine for that long, or until it is cancelled. (On a plain thread: the thread.)
Wake sleep_until(Instant deadline);
inline Wake sleep_for(Nanoseconds duration) { return sleep_until(now() + duration); }

}  // namespace weft::coro
