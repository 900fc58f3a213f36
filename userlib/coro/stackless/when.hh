// when_all, when_any: several tasks at once, as one task.
//
//   auto [page, picture] = co_await when_all(fetch(a), fetch(b));   // both results
//   auto [index, page] = co_await when_any(fetch(a), fetch(b));     // the first to be done
//
// Both come back when all of the tasks are done, so what these use may go then. when_any cancels those that
// were not the first, and drops what they come to. If the task that waits is cancelled, so are all.
#pragma once

#include <array>
#include <tuple>
#include <utility>
#include <variant>

#include "userlib/coro/stackless/async_scope.hh"

namespace weft::coro {
namespace detail {

// What stands for a result of void in a tuple.
template <typename T>
using Something = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <typename T>
Something<T> result_of(task<T>& work) {
  if constexpr (std::is_void_v<T>) {
    work.result();
    return {};
  } else {
    return work.result();
  }
}

// Runs a task to its end, whatever that is; the result stays in the task.
template <typename T>
task<> finish(task<T>& work) {
  co_await work.when_done();
}

}  // namespace detail

// If one throws, the others are still waited for; then the first of them in the list that threw is heard.
template <typename... Results>
task<std::tuple<detail::Something<Results>...>> when_all(task<Results>... works) {
  async_scope all;
  (all.spawn(detail::finish(works)), ...);
  (void)co_await all.async_join();
  co_return std::tuple<detail::Something<Results>...>{detail::result_of(works)...};
}

// Which task was the first, and what it came to.
template <typename T>
struct first_result {
  size_t index;
  T value;
};

namespace detail {

struct Race {
  async_scope all;
  Atomic<size_t> winner{SIZE_MAX};
};

template <typename T>
task<> compete(Race& race, task<T>& work, size_t index) {
  co_await work.when_done();
  size_t nobody = SIZE_MAX;
  if (race.winner.compare_exchange(nobody, index, acq_rel)) race.all.cancel();
}

template <typename Value, size_t k_index, typename... Results>
Value result_at(size_t index, std::tuple<task<Results>&...>& works) {
  if constexpr (k_index + 1 < sizeof...(Results)) {
    if (index != k_index) return result_at<Value, k_index + 1>(index, works);
  }
  return Value(std::in_place_index<k_index>, result_of(std::get<k_index>(works)));
}

}  // namespace detail

template <typename... Results>
  requires(sizeof...(Results) > 0)
task<first_result<std::variant<detail::Something<Results>...>>> when_any(task<Results>... works) {
  using Value = std::variant<detail::Something<Results>...>;
  detail::Race race;
  size_t index = 0;
  (race.all.spawn(detail::compete(race, works, index++)), ...);
  (void)co_await race.all.async_join();
  const size_t winner = race.winner.load(acquire);
  std::tuple<task<Results>&...> all(works...);
  co_return first_result<Value>{winner, detail::result_at<Value, 0>(winner, all)};
}

}  // namespace weft::coro
