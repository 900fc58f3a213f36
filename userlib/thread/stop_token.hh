// stop_source, stop_token, stop_callback: asking for an end, politely. A source asks, tokens tell, and a
// callback runs when it happens. Names and behaviour are the standard's.
//
// All three share one StopState, counted, which holds the list of callbacks. The tricky part is a
// callback's end: its destructor must not return while the function runs in another thread, and must
// return when it is called from that very function.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "core/base/annotations.hh"
#include "core/base/atomic.hh"
#include "userlib/base/lock.hh"

namespace weft {
namespace detail {

// A callback's place in the list. Its members belong to the state's lock, but for `finished`.
struct StopEntry {
  void (*run)(StopEntry&) = nullptr;
  StopEntry* next = nullptr;
  StopEntry* previous = nullptr;
  bool is_listed = false;
  bool* gone = nullptr;  // while it runs: set to true when the function destroys the callback
  Atomic<uint32_t> finished{0};  // the function has returned; whoever waits for that sleeps here
};

class StopState {
 public:
  bool is_stopped() const { return stopped_.load(seq_cst); }
  bool can_stop() const { return is_stopped() || sources_.load(acquire) > 0; }

  // True for the one call that stops it. Runs the callbacks, here and now.
  bool stop();
  // Puts the entry into the list; or runs its function at once, if it is too late for that.
  void add(StopEntry& entry);
  // Returns when the function does not run and will not run, or runs in this thread.
  void remove(StopEntry& entry);

  void hold() { owners_.fetch_add(1, relaxed); }
  void let_go() {
    if (owners_.fetch_sub(1, acq_rel) == 1) delete this;
  }
  void hold_as_source() {
    sources_.fetch_add(1, relaxed);
    hold();
  }
  void let_go_as_source() {
    sources_.fetch_sub(1, release);
    let_go();
  }

 private:
  void unlink(StopEntry& entry) REQUIRES(lock_);

  Atomic<uint32_t> owners_{1};
  Atomic<uint32_t> sources_{1};
  Atomic<bool> stopped_{false};
  Lock lock_;
  StopEntry* first_ GUARDED_BY(lock_) = nullptr;
  int32_t stopping_thread_ GUARDED_BY(lock_) = 0;
};

}  // namespace detail

// Made without a state: for a source that can ask for nothing.
struct nostopstate_t {
  explicit nostopstate_t() = default;
};
inline constexpr nostopstate_t nostopstate{};

class stop_token {
 public:
  stop_token() = default;
  stop_token(const stop_token& other) noexcept : stop_token(other.state_) {}
  stop_token(stop_token&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  stop_token& operator=(stop_token other) noexcept {
    swap(other);
    return *this;
  }
  ~stop_token() {
    if (state_ != nullptr) state_->let_go();
  }

  bool stop_requested() const noexcept { return state_ != nullptr && state_->is_stopped(); }
  bool stop_possible() const noexcept { return state_ != nullptr && state_->can_stop(); }
  void swap(stop_token& other) noexcept { std::swap(state_, other.state_); }
  friend bool operator==(const stop_token&, const stop_token&) = default;

 private:
  friend class stop_source;
  template <typename Callback>
  friend class stop_callback;
  explicit stop_token(detail::StopState* state) : state_(state) {
    if (state_ != nullptr) state_->hold();
  }

  detail::StopState* state_ = nullptr;
};

class stop_source {
 public:
  stop_source() : state_(new detail::StopState) {}
  explicit stop_source(nostopstate_t) noexcept {}
  stop_source(const stop_source& other) noexcept : state_(other.state_) {
    if (state_ != nullptr) state_->hold_as_source();
  }
  stop_source(stop_source&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  stop_source& operator=(stop_source other) noexcept {
    swap(other);
    return *this;
  }
  ~stop_source() {
    if (state_ != nullptr) state_->let_go_as_source();
  }

  stop_token get_token() const noexcept { return stop_token(state_); }
  bool request_stop() noexcept { return state_ != nullptr && state_->stop(); }
  bool stop_requested() const noexcept { return state_ != nullptr && state_->is_stopped(); }
  bool stop_possible() const noexcept { return state_ != nullptr; }
  void swap(stop_source& other) noexcept { std::swap(state_, other.state_); }
  friend bool operator==(const stop_source&, const stop_source&) = default;

 private:
  detail::StopState* state_ = nullptr;
};

// Calls the function when a stop is requested, in the thread that requests it; at once, if that has
// happened already. When the destructor returns, the function does not run any more.
template <typename Callback>
class stop_callback : private detail::StopEntry {
 public:
  using callback_type = Callback;

  template <typename Function>
    requires std::constructible_from<Callback, Function>
  explicit stop_callback(stop_token token, Function&& function)
      : function_(std::forward<Function>(function)), state_(std::exchange(token.state_, nullptr)) {
    run = [](detail::StopEntry& entry) { static_cast<stop_callback&>(entry).function_(); };
    if (state_ != nullptr) state_->add(*this);
  }
  ~stop_callback() {
    if (state_ == nullptr) return;
    state_->remove(*this);
    state_->let_go();
  }
  stop_callback(const stop_callback&) = delete;
  stop_callback& operator=(const stop_callback&) = delete;

 private:
  [[no_unique_address]] Callback function_;
  detail::StopState* state_;
};
template <typename Function>
stop_callback(stop_token, Function) -> stop_callback<Function>;

}  // namespace weft
