// go(): starts a coroutine. handle<T>: waits for its end and takes its result. yield().
#pragma once

#include <cstdint>
#ifdef __cpp_exceptions
#include <exception>
#endif
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include "userlib/coro/deadline.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/sanitizers.hh"
#include "userlib/coro/stack_pool.hh"

namespace weft::coro {

enum class Launch : uint8_t {
  queued,  // it waits its turn; who spawns it runs on
  now,     // it runs at once; who spawned it goes on when it stops, or on an idle worker
};

struct Spawn {
  StackSize stack = k_default_stack;
  Launch launch = Launch::queued;
};

namespace this_coro {
// What the listing calls it from here on: a literal. Otherwise it is called by its function's type.
void set_name(const char* name);
// The number that names it while it lives, as the listing has it.
uint64_t number();
// Has somebody asked it to end?
bool is_cancelled();
}  // namespace this_coro

// Another coroutine's turn. A few nanoseconds on a lone worker; no clock, no system call.
void yield();

namespace detail {

// A new block for such a function; its payload is to be filled.
[[gnu::always_inline]] inline Coroutine& make_coroutine(Worker& worker, const Kind& kind,
                                                        StackSize stack, uint32_t place) {
  const sys::Uninterrupted section;
  Coroutine* block = worker.blocks().take();
  ASSERT(block != nullptr, "there is memory for one more coroutine");
  block->kind = &kind;
  block->renew(static_cast<uint8_t>(stack), place);
  block->context.resume_at.store(k_not_started, relaxed);
  worker.count_spawned();
  return *block;
}

void launch_slowly(Worker& worker, Coroutine& coroutine, Launch how);

[[gnu::always_inline]] inline void launch(Worker& worker, Coroutine& coroutine, Launch how) {
  if (how != Launch::queued || !has_short_ways() || k_sanitized) [[unlikely]]
    return launch_slowly(worker, coroutine, how);
  Worker::insert_before(running(), coroutine);
}

inline bool has_ended(const Coroutine& coroutine) {
  return coroutine.joiner.load(acquire) == k_finished;
}
void wait_for_end(Coroutine& coroutine);
// Wake::woken: it has ended.
Wake wait_for_end_until(Coroutine& coroutine, Instant deadline);
// Notes that `me` waits for that end; false if it has come, or is coming.
bool announce_joiner(Coroutine& coroutine, Coroutine& me);
// `me` waits no longer. False if it has ended meanwhile, or is about to: it says when it has.
bool withdraw_joiner(Coroutine& coroutine, Coroutine& me);
// The handle lets go of one that has ended.
void release_block_slowly(Coroutine& coroutine);
inline void release_block(Coroutine& coroutine) {
  Worker* const worker = this_worker();
  switch (ways_here()) {
    case Ways::alone:
      coroutine.context.resume_at.store(k_unused, relaxed);
      return worker->blocks().keep(coroutine);
    case Ways::before_parents:
      coroutine.context.resume_at.store(k_unused, relaxed);
      return worker->blocks().give(coroutine);
    case Ways::long_ones: release_block_slowly(coroutine);
  }
}
// Lets go of one that may run yet. True when it has ended, so that its result is the caller's to drop.
bool let_go(Coroutine& coroutine);
void yield_slowly();
// Ends the present wait or the next one. The first half answers true if the coroutine is now to be
// unparked.
void request_cancel(Coroutine& coroutine);
bool mark_cancelled(Coroutine& coroutine);

// This place in the program, as coroutines remember it.
[[gnu::always_inline]] inline uint32_t here() {
  uintptr_t place;
  asm("leaq 0(%%rip), %0" : "=r"(place));
  return static_cast<uint32_t>(place);
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

#ifdef __cpp_exceptions
// Did its function end by an exception? Then that is its result.
inline bool has_thrown(const Coroutine& coroutine) {
  return (coroutine.flags.load(relaxed) & flag::k_threw) != 0;
}
inline void throw_again(Coroutine& coroutine) {
  std::exception_ptr thrown = Parcel<std::exception_ptr>::take(coroutine.payload());
  release_block(coroutine);
  std::rethrow_exception(std::move(thrown));
}
#endif

// Destroys a result that nobody wants.
template <typename Result>
void drop_result(Coroutine& coroutine) {
#ifdef __cpp_exceptions
  if (has_thrown(coroutine)) return Parcel<std::exception_ptr>::drop(coroutine.payload());
#endif
  if constexpr (!std::is_void_v<Result>) Parcel<Result>::drop(coroutine.payload());
}

// A function with its arguments.
template <typename Function, typename... Arguments>
struct Call {
  using Result = std::invoke_result_t<Function, Arguments...>;

  Function function;
  [[no_unique_address]] std::tuple<Arguments...> arguments;

  // From where it was packed.
  static void run(Coroutine& self, void* closure) {
    with_result(self, [&] {
      Call own = Parcel<Call>::take(closure);
      own.call(self);
    });
  }
  // From a variable of go(), which can't go on before it has been moved from here.
  static void run_at_once(Coroutine& self, void* variable) {
    sanitizer::after_switch(nullptr);
    with_result(self, [&] {
      Call own = std::move(*static_cast<Call*>(variable));
      own.call(self);
    });
  }
  // Among workers, who called go() can go on as soon as that is done.
  static void run_before_parent(Coroutine& self, void* variable, Coroutine& parent,
                                Worker& worker) {
    sanitizer::after_switch(nullptr);
    with_result(self, [&] {
      Call own = std::move(*static_cast<Call*>(variable));
      worker.leave_parent(parent, self);
      own.call(self);
    });
  }
  template <typename Body>
  [[gnu::always_inline]] static void with_result([[maybe_unused]] Coroutine& self, Body body) {
#ifdef __cpp_exceptions
    try {
      body();
    } catch (...) {
      Parcel<std::exception_ptr>::pack(self.payload(), std::current_exception());
      self.flags.fetch_or(flag::k_threw, relaxed);
    }
#else
    body();
#endif
  }
  [[gnu::always_inline]] void call(Coroutine& self) {
    if constexpr (std::is_void_v<Result>) {
      std::apply(std::move(function), std::move(arguments));
    } else {
      Parcel<Result>::pack(self.payload(), std::apply(std::move(function), std::move(arguments)));
    }
  }
  static constexpr Kind k_kind{&run, &Parcel<Call>::drop, &drop_result<Result>,
                               type_name<Function>()};
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
    Coroutine* const taken = std::exchange(other.coroutine_, nullptr);
    Coroutine* const had = std::exchange(coroutine_, taken);
    if (had != nullptr) [[unlikely]]
      detach(*had);
    return *this;
  }
  ~handle() {
    if (coroutine_ != nullptr) [[unlikely]]
      detach(*coroutine_);
  }

  bool joinable() const { return coroutine_ != nullptr; }
  Coroutine& coroutine() const { return *coroutine_; }
  bool is_done() const { return detail::has_ended(*coroutine_); }

  // Waits until it has ended; its result. From coroutines and from plain threads.
  T join() {
    if (!is_done()) detail::wait_for_end(*coroutine_);
    return take();
  }
  // Waits no longer than that, or until who waits is cancelled. Then, if this is true, join() is at once.
  bool wait_until(Instant deadline) {
    return detail::wait_for_end_until(*coroutine_, deadline) == Wake::woken;
  }
  bool wait_for(Nanoseconds duration) { return wait_until(deadline_after(duration)); }
  template <typename Rep, typename Period>
  bool wait_for(const std::chrono::duration<Rep, Period>& duration) {
    return wait_until(deadline_after(duration));
  }
  template <typename Clock, typename Duration>
  bool wait_until(const std::chrono::time_point<Clock, Duration>& time) {
    return wait_until(deadline_at(time));
  }

  // Asks it to end: its present or next wait ends with Wake::cancelled.
  void cancel() { detail::request_cancel(*coroutine_); }

  void detach() {
    if (coroutine_ != nullptr) detach(*std::exchange(coroutine_, nullptr));
  }

  // The result of one that has ended; or its exception, if it ended by one (in the hosted library).
  T take() {
    Coroutine& coroutine = *std::exchange(coroutine_, nullptr);
#ifdef __cpp_exceptions
    if (detail::has_thrown(coroutine)) detail::throw_again(coroutine);
#endif
    if constexpr (std::is_void_v<T>) {
      detail::release_block(coroutine);
    } else {
      T result = detail::Parcel<T>::take(coroutine.payload());
      detail::release_block(coroutine);
      return result;
    }
  }

 private:
  // (Not of `this`, so that handles that come and go stay in registers.)
  static void detach(Coroutine& coroutine) {
    if (!detail::let_go(coroutine)) return;
    detail::drop_result<T>(coroutine);
    detail::release_block(coroutine);
  }

  Coroutine* coroutine_ = nullptr;
};

// Starts a coroutine that calls function(arguments...). The arguments are copied or moved in.
template <typename Function, typename... Arguments>
  requires std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...>
[[gnu::always_inline]] inline auto go(Spawn how, Function&& function, Arguments&&... arguments) {
  using Call = detail::Call<std::decay_t<Function>, std::decay_t<Arguments>...>;
  using Handle = handle<typename Call::Result>;
  const uint32_t place = detail::here();
  Call call{std::forward<Function>(function), {std::forward<Arguments>(arguments)...}};
  Worker* worker = this_worker();
  if (how.launch == Launch::now && !is_packed(how.stack)) {
    Coroutine* begun = nullptr;
    const Ways ways = ways_here();
    if (ways == Ways::alone) {
      begun = worker->begin_at_once(Call::k_kind, &Call::run_at_once, &call, how.stack, place);
    } else if constexpr (std::is_nothrow_move_constructible_v<Call>) {
      if (ways == Ways::before_parents)
        begun = worker->begin_before_parent(Call::k_kind, &Call::run_before_parent, &call,
                                            how.stack, place);
    }
    if (begun != nullptr) [[likely]]
      return Handle(*begun);
  }
  ASSERT(worker != nullptr, "go() is for coroutines; the first one comes from run()");
  Coroutine& coroutine = detail::make_coroutine(*worker, Call::k_kind, how.stack, place);
  detail::Parcel<Call>::pack(coroutine.payload(), std::move(call));
  detail::launch(*worker, coroutine, how.launch);
  return Handle(coroutine);
}
template <typename Function, typename... Arguments>
  requires std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...>
[[gnu::always_inline]] inline auto go(Function&& function, Arguments&&... arguments) {
  return go(Spawn{}, std::forward<Function>(function), std::forward<Arguments>(arguments)...);
}

[[gnu::always_inline]] inline void yield() {
  Coroutine& me = running();
  Coroutine& next = *me.next;
  if (!goes_short_way(next.context.resume_at.load(relaxed))) [[unlikely]]
    return detail::yield_slowly();
  set_running(next);
  switch_to(me, next);
}

// Stops this coroutine for that long, or until it is cancelled. (On a plain thread: the thread.)
Wake sleep_until(Instant deadline);
inline Wake sleep_for(Nanoseconds duration) { return sleep_until(deadline_after(duration)); }

}  // namespace weft::coro
