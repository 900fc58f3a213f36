// join_all(), first_of(): several coroutines at once, for who has a stack. Their namesakes for C++20 tasks
// are in stackless/when.hh.
#pragma once

#include <cstddef>
#include <ranges>
#include <tuple>
#include <utility>

#include "userlib/coro/go.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::coro {

// Waits for all of them.
template <std::ranges::range Handles>
void join_all(Handles&& handles) {
  for (auto& each : handles) each.join();
}
template <typename... Results>
  requires(!std::is_void_v<Results> && ...)
std::tuple<Results...> join_all(handle<Results>... handles) {
  return std::tuple<Results...>{handles.join()...};
}
template <typename... Results>
  requires(sizeof...(Results) > 0 && (std::is_void_v<Results> && ...))
void join_all(handle<Results>... handles) {
  (handles.join(), ...);
}

// Calls each function in a coroutine of its own, and waits until the first of them is over: its number in
// the list is the answer. The others are cancelled, and waited for. If who waits is cancelled, so are all.
template <typename... Functions>
  requires(sizeof...(Functions) > 0)
size_t first_of(Functions... functions) {
  event is_over;
  Atomic<size_t> first{SIZE_MAX};
  const auto compete = [&](auto& function, size_t index) {
    function();
    size_t nobody = SIZE_MAX;
    if (first.compare_exchange(nobody, index, acq_rel)) is_over.set();
  };
  size_t index = 0;
  std::tuple all{
      go([&compete, &function = functions, index = index++] { compete(function, index); })...};
  (void)is_over.wait_until(k_never);
  std::apply([](auto&... each) { (each.cancel(), ...); }, all);
  std::apply([](auto&... each) { (each.join(), ...); }, all);
  return first.load(acquire);
}

}  // namespace weft::coro
