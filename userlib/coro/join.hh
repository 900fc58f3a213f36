// join_all(), first_of(): several coroutines at once, for who has a stack. Their namesakes for C++20 tasks
// are in stackless/when.hh.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <ranges>
#include <tuple>
#include <utility>

#include "userlib/coro/go.hh"
#include "userlib/coro/stackless/outcome.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::coro {

// Waits for all of them. If some ended by an exception, the first of these in the list comes out then.
template <std::ranges::range Handles>
void join_all(Handles&& handles) {
  weft::detail::Outcome<void> failure;
  for (auto& each : handles) {
    weft::detail::Outcome<void> outcome;
    const auto join = [&] { (void)each.join(); };
    weft::detail::capture(outcome, join);
    if (outcome.is_error() && !failure.is_error()) failure.take_error_of(outcome);
  }
  if (failure.is_error()) failure.take();
}

namespace detail {

template <typename T>
struct Joined {
  explicit Joined(handle<T>& joined) {
    const auto join = [&] { return joined.join(); };
    weft::detail::capture(outcome, join);
  }
  weft::detail::Outcome<T> outcome;
};

}  // namespace detail

template <typename... Results>
  requires(!std::is_void_v<Results> && ...)
std::tuple<Results...> join_all(handle<Results>... handles) {
  std::tuple<detail::Joined<Results>...> all(handles...);
  return std::apply([](auto&... each) { return std::tuple<Results...>{each.outcome.take()...}; },
                    all);
}
template <typename... Results>
  requires(sizeof...(Results) > 0 && (std::is_void_v<Results> && ...))
void join_all(handle<Results>... handles) {
  std::array<handle<void>, sizeof...(Results)> all{std::move(handles)...};
  join_all(all);
}

// Waits until all are over, or the deadline has come, or who waits is cancelled. Then, if this is true,
// join_all() is at once.
template <std::ranges::range Handles>
bool wait_for_all_until(Handles&& handles, Instant deadline) {
  for (auto& each : handles) {
    if (!each.wait_until(deadline)) return false;
  }
  return true;
}

// Calls each function in a coroutine of its own, and waits until the first of them is over, or the deadline
// has come: the number of the first in the list is the answer, or nothing. The others are cancelled, and
// waited for. If who waits is cancelled, so are all. What the first has thrown comes out; what the others
// throw is dropped.
template <typename... Functions>
  requires(sizeof...(Functions) > 0)
std::optional<size_t> first_of_until(Instant deadline, Functions... functions) {
  constexpr size_t k_nobody = SIZE_MAX;
  constexpr size_t k_nobody_in_time = SIZE_MAX - 1;
  event is_over;
  Atomic<size_t> first{k_nobody};
  std::array<weft::detail::Outcome<void>, sizeof...(Functions)> outcomes;
  const auto compete = [&](auto& function, size_t index) {
    weft::detail::capture(outcomes[index], function);
    size_t nobody = k_nobody;
    if (first.compare_exchange(nobody, index, acq_rel)) is_over.set();
  };
  size_t index = 0;
  std::tuple all{
      go([&compete, &function = functions, index = index++] { compete(function, index); })...};
  size_t nobody = k_nobody;
  if (is_over.wait_until(deadline) == Wake::timed_out)
    first.compare_exchange(nobody, k_nobody_in_time, acq_rel);
  std::apply([](auto&... each) { (each.cancel(), ...); }, all);
  std::apply([](auto&... each) { (each.join(), ...); }, all);
  const size_t winner = first.load(acquire);
  if (winner == k_nobody_in_time) return std::nullopt;
  outcomes[winner].take();
  return winner;
}
template <typename... Functions>
  requires(sizeof...(Functions) > 0)
size_t first_of(Functions... functions) {
  return *first_of_until(k_never, std::move(functions)...);
}

}  // namespace weft::coro
