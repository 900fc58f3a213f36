// select(): waits for several channels at once, and does one of the things that can be done.
//
//   auto chosen = select(
//       on_receive(orders, [&](std::optional<order> next) { ... }),   // nothing: it is closed
//       on_send(results, value, [&](bool was_sent) { ... }),          // false: it is closed
//       after(100ms, [&] { ... }),                                    // a time-out
//       otherwise([&] { ... }));                                      // without waiting
//
// Exactly one case is done, and its number is the answer; nothing, if who waits was cancelled. If several
// could be done at once, the first to be looked at is another one each time, so that a busy channel
// keeps none from its turn. A closed channel's cases can be done at once.
//
// Tricky: all channels are locked together, in the order of their addresses, for the look and for the
// queueing. So whoever comes from the other side finds us in all queues or in none; which of them ends
// our wait is decided by the one claim that all our Waiters share.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "userlib/coro/channel/channel.hh"

namespace weft::coro {
namespace detail {

// A case as the waiting sees it, whatever the channel's type.
struct SelectEntry {
  // Of a channel's case; null for time-outs and for `otherwise`.
  ObjectLock* lock = nullptr;
  WaitList* waiters = nullptr;
  const TransferState* state = nullptr;
  uint32_t* turn = nullptr;
  // Under the lock: does it if it can be done; whom that frees from waiting is `freed`.
  bool (*attempt)(void* the_case, Coroutine*& freed) = nullptr;
  void* the_case = nullptr;
  void* transfer = nullptr;

  Instant deadline = k_never;
  bool is_otherwise = false;
  ChannelWaiter waiter{};
};

// One select, in the steps that coroutines and tasks share.
class Selection {
 public:
  // `locks` is room for as many as there are entries.
  Selection(std::span<SelectEntry> entries, std::span<ObjectLock*> locks);
  Selection(const Selection&) = delete;
  Selection& operator=(const Selection&) = delete;

  // True: it is done. False: nothing can be done now; all locks are held, and publish() comes next.
  bool try_now() NO_THREAD_SAFETY_ANALYSIS;
  // Queues a coroutine everywhere. Then unlock().
  void publish(Coroutine& who);
  void unlock() NO_THREAD_SAFETY_ANALYSIS;
  // The wait is over: leaves all queues.
  void finish(Wake outcome) NO_THREAD_SAFETY_ANALYSIS;

  // The first of all time-outs.
  Instant deadline() const { return deadline_; }
  // Which case was done.
  std::optional<size_t> chosen() const { return chosen_; }

 private:
  void lock() NO_THREAD_SAFETY_ANALYSIS;
  bool try_channels(Coroutine*& freed);

  std::span<SelectEntry> entries_;
  std::span<ObjectLock*> locks_;  // each once, by address
  Instant deadline_ = k_never;
  std::optional<size_t> time_out_;
  std::optional<size_t> otherwise_;
  std::optional<size_t> chosen_;
};

// Calls a case's function with what it takes.
template <typename Function, typename Value>
void call_case(Function& function, Value&& value) {
  if constexpr (std::invocable<Function&, Value>) {
    function(std::forward<Value>(value));
  } else {
    function();
  }
}

}  // namespace detail

// What the functions below make; only select() uses them.
template <typename Function, typename T>
class ReceiveCase {
 public:
  ReceiveCase(channel<T>& from, Function function) : from_(&from), function_(std::move(function)) {}
  detail::SelectEntry entry() {
    return {.lock = &from_->lock_,
            .waiters = &from_->receivers_,
            .state = &transfer_.state,
            .turn = &from_->turn_,
            .attempt =
                [](void* the_case, Coroutine*& freed) {
                  auto& own = *static_cast<ReceiveCase*>(the_case);
                  return own.from_->receive_now(own.transfer_, freed);
                },
            .the_case = this,
            .transfer = &transfer_};
  }
  void done() { detail::call_case(function_, std::move(transfer_.value)); }

 private:
  channel<T>* from_;
  Function function_;
  detail::Transfer<T> transfer_;
};

template <typename Function, typename T>
class SendCase {
 public:
  SendCase(channel<T>& to, T value, Function function)
      : to_(&to), function_(std::move(function)), transfer_{std::move(value)} {}
  detail::SelectEntry entry() {
    return {.lock = &to_->lock_,
            .waiters = &to_->senders_,
            .state = &transfer_.state,
            .turn = &to_->turn_,
            .attempt =
                [](void* the_case, Coroutine*& freed) {
                  auto& own = *static_cast<SendCase*>(the_case);
                  return own.to_->send_now(own.transfer_, freed);
                },
            .the_case = this,
            .transfer = &transfer_};
  }
  void done() { detail::call_case(function_, transfer_.state == detail::TransferState::done); }

 private:
  channel<T>* to_;
  Function function_;
  detail::Transfer<T> transfer_;
};

template <typename Function>
class TimeOutCase {
 public:
  TimeOutCase(Instant deadline, Function function)
      : deadline_(deadline), function_(std::move(function)) {}
  detail::SelectEntry entry() { return {.deadline = deadline_}; }
  void done() { function_(); }

 private:
  Instant deadline_;
  Function function_;
};

template <typename Function>
class OtherwiseCase {
 public:
  explicit OtherwiseCase(Function function) : function_(std::move(function)) {}
  detail::SelectEntry entry() { return {.is_otherwise = true}; }
  void done() { function_(); }

 private:
  Function function_;
};

// A value has come from the channel; or nothing, since it is closed and empty.
template <typename T, typename Function>
auto on_receive(channel<T>& from, Function function) {
  return ReceiveCase<Function, T>(from, std::move(function));
}
// The channel has taken the value (true), or is closed (false).
template <typename T, typename Function>
auto on_send(channel<T>& to, std::type_identity_t<T> value, Function function) {
  return SendCase<Function, T>(to, std::move(value), std::move(function));
}
// None of the others could be done up to then.
template <typename Function>
auto at(Instant deadline, Function function) {
  return TimeOutCase<Function>(deadline, std::move(function));
}
template <typename Rep, typename Period, typename Function>
auto after(const std::chrono::duration<Rep, Period>& duration, Function function) {
  return at(deadline_after(duration), std::move(function));
}
// None of the others can be done now.
template <typename Function>
auto otherwise(Function function) {
  return OtherwiseCase<Function>(std::move(function));
}

namespace detail {

// The cases with their entries. It stays where it is made.
template <typename... Cases>
class SelectFrame {
 public:
  explicit SelectFrame(Cases&&... cases)
      : cases_(std::move(cases)...), entries_(entries(std::index_sequence_for<Cases...>())) {}

  Selection& selection() { return selection_; }
  void call_chosen() {
    if (selection_.chosen()) call(*selection_.chosen(), std::index_sequence_for<Cases...>());
  }

 private:
  template <size_t... k_index>
  std::array<SelectEntry, sizeof...(Cases)> entries(std::index_sequence<k_index...>) {
    return {std::get<k_index>(cases_).entry()...};
  }
  template <size_t... k_index>
  void call(size_t chosen, std::index_sequence<k_index...>) {
    (void)((k_index == chosen && (std::get<k_index>(cases_).done(), true)) || ...);
  }

  std::tuple<Cases...> cases_;
  std::array<SelectEntry, sizeof...(Cases)> entries_;
  std::array<ObjectLock*, sizeof...(Cases)> locks_{};
  Selection selection_{entries_, locks_};
};

}  // namespace detail

// From coroutines and plain threads.
template <typename... Cases>
std::optional<size_t> select(Cases... cases) {
  detail::SelectFrame<Cases...> frame(std::move(cases)...);
  detail::Selection& selection = frame.selection();
  if (!selection.try_now()) {
    selection.publish(self());
    selection.unlock();
    selection.finish(park(&selection, selection.deadline()));
  }
  frame.call_chosen();
  return selection.chosen();
}

// The same for tasks: `auto chosen = co_await async_select(...)`.
template <typename... Cases>
class [[nodiscard]] async_select {
 public:
  explicit async_select(Cases... cases) : frame_(std::move(cases)...) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    ASSERT(in_task(), "what awaits here runs on the scheduler: see spawn(task)");
    if (selection_.try_now()) return false;
    Coroutine& task = self();
    waits_ = true;
    suspend_task(handle, Reason::select, &selection_);
    selection_.publish(task);
    ending_.deadline = selection_.deadline();
    ending_.arm(task);
    const bool is_cancelled = detail::is_cancelled_already(task);
    selection_.unlock();
    if (is_cancelled) unpark(task);
    return true;
  }
  std::optional<size_t> await_resume() {
    if (waits_) {
      selection_.finish(end_task_wait());
      ending_.disarm();
    }
    frame_.call_chosen();
    return selection_.chosen();
  }

 private:
  detail::SelectFrame<Cases...> frame_;
  detail::Selection& selection_ = frame_.selection();
  detail::Timed ending_{k_never};
  bool waits_ = false;
};

}  // namespace weft::coro
