// thread_pool: a fixed number of threads, and work for them.
//
//   thread_pool pool(4);
//   future<int> answer = pool.submit([] { return 42; });
//   Vector<int> squares = pool.map(numbers, [](int n) { return n * n; });      // in order
//   pool.apply_async([] { return 42; }, [](int answer) { ... });               // called when it is there
//
// A job that waits for another job of the same pool holds a thread meanwhile; with as many such jobs as
// threads, nothing goes on. map() is safe there: its caller works along.
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "userlib/base/function.hh"
#include "userlib/base/vector.hh"
#include "userlib/thread/future.hh"
#include "userlib/thread/queue.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace detail {

// One call of map(): which item is next, and how many are not done. Helpers may come late, when the
// call has long returned; so they own this, and touch the items only after they got one.
class MapProgress {
 public:
  explicit MapProgress(size_t count, size_t owners)
      : count_(count), left_(count), owners_(owners) {}

  // The next item for the caller, or nothing.
  std::optional<size_t> take() {
    const size_t index = next_.fetch_add(1, relaxed);
    return index < count_ ? std::optional(index) : std::nullopt;
  }
  void finish() {
    if (left_.fetch_sub(1, acq_rel) != 1) return;
    done_.store(1, release);
    futex::wake_all(done_);
  }
  void wait() {
    while (done_.load(acquire) == 0 && count_ > 0) futex::wait(done_, 0);
  }
  void let_go() {
    if (owners_.fetch_sub(1, acq_rel) == 1) delete this;
  }

 private:
  const size_t count_;
  Atomic<size_t> next_{0};
  Atomic<size_t> left_;
  Atomic<uint32_t> done_{0};
  Atomic<size_t> owners_;
};

}  // namespace detail

class thread_pool {
 public:
  // As many threads as there are CPUs, or so many. Throws if they cannot be had.
  explicit thread_pool(size_t threads = thread::hardware_concurrency());
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;
  // Finishes what was submitted; what these jobs submit meanwhile, each runs by itself.
  ~thread_pool();

  size_t size() const { return threads_.size(); }

  template <typename Function, typename... Arguments>
  auto submit(Function&& function, Arguments&&... arguments) {
    using R = std::invoke_result_t<std::decay_t<Function>, std::decay_t<Arguments>...>;
    promise<R> result;
    future<R> answer = result.get_future();
    run([result = std::move(result),
         function = std::decay_t<Function>(std::forward<Function>(function)),
         arguments = std::tuple<std::decay_t<Arguments>...>(
             std::forward<Arguments>(arguments)...)]() mutable {
      auto call = [&]() -> R { return std::apply(std::move(function), std::move(arguments)); };
      result.set_from(call);
    });
    return answer;
  }

  // function(item) for each item, by all threads and the caller; the answers in the items' order. If
  // one throws, the first of these exceptions comes out when all are done.
  template <typename Items, typename Function>
  auto map(Items&& items, Function function) {
    using R = std::invoke_result_t<Function&, decltype(*std::begin(items))>;
    static_assert(!std::is_void_v<R>, "map() collects answers");
    const auto first = std::begin(items);
    const auto count = static_cast<size_t>(std::distance(first, std::end(items)));
    Vector<std::optional<R>> answers;
    for (size_t i = 0; i < count; ++i) answers.push_back(std::nullopt);
    FirstError error;
    for_each_index(count, [&](size_t index) {
      error.watch([&] {
        answers[index].emplace(function(*std::next(first, static_cast<ptrdiff_t>(index))));
      });
    });
    error.rethrow();
    Vector<R> plain;
    plain.reserve(count);
    for (auto& each : answers) plain.push_back(std::move(*each));
    return plain;
  }

  // Calls callback(answer) in the thread that has it. Whoever wants to wait has the future.
  template <typename Function, typename Callback>
  future<void> apply_async(Function function, Callback callback) {
    return submit([function = std::move(function), callback = std::move(callback)]() mutable {
      if constexpr (std::is_void_v<std::invoke_result_t<Function&>>) {
        function();
        callback();
      } else {
        callback(function());
      }
    });
  }

 private:
  // What was thrown first, in the hosted library; elsewhere nothing is thrown.
  class FirstError {
   public:
#if WEFT_HOSTED
    template <typename Action>
    void watch(Action action) {
      try {
        action();
      } catch (...) {
        const lock_guard guard(mutex_);
        if (!error_) error_ = std::current_exception();
      }
    }
    void rethrow() {
      if (error_) std::rethrow_exception(error_);
    }

   private:
    mutex mutex_;
    std::exception_ptr error_;
#else
    template <typename Action>
    void watch(Action action) {
      action();
    }
    void rethrow() {}
#endif
  };

  void stop();
  void run(unique_function<void()> job);
  void for_each_index(size_t count, unique_function<void(size_t)> body);
  static void work_along(detail::MapProgress& progress, unique_function<void(size_t)>& body);

  queue<unique_function<void()>> jobs_;
  Vector<thread> threads_;
};

}  // namespace weft
