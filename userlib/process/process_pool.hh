// process_pool: a fixed number of worker processes, and work for them. A worker that crashes takes only
// its own job along: that job is reported, and another worker takes the place.
//
//   process_pool pool(4);
//   future<process_result<int>> answer = pool.submit([n] { return n * n; });
//   pool.apply_async([n] { return n * n; }, [](process_result<int> answer) { ... });  // called when it is there
//   Vector<process_result<int>> squares = pool.map(numbers, [](int n) { return n * n; });  // in order
//
// Workers are forked from this process. A job's function goes over as its captured bytes, and so does
// its answer: both are trivially copyable, and pointers in them mean what they meant in this process
// when the worker was forked.
#pragma once

#include <cstddef>
#include <expected>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

#include "userlib/base/function.hh"
#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"
#include "userlib/process/process.hh"
#include "userlib/process/remote_call.hh"
#include "userlib/thread/future.hh"
#include "userlib/thread/queue.hh"
#include "userlib/thread/thread.hh"

namespace weft {

// The answer, or how the worker ended that was to give it.
template <typename R>
using process_result = std::expected<R, exit_status>;

class process_pool {
 public:
  // As many workers as there are CPUs, or so many. Throws if they cannot be had.
  explicit process_pool(size_t workers = thread::hardware_concurrency());
  process_pool(const process_pool&) = delete;
  process_pool& operator=(const process_pool&) = delete;
  // Finishes what was submitted; a callback can submit nothing any more then.
  ~process_pool();

  size_t size() const { return workers_.size(); }

  template <typename Function, typename... Arguments>
  auto submit(Function function, Arguments... arguments) {
    using R = std::invoke_result_t<Function&, Arguments&...>;
    promise<process_result<R>> result;
    auto answer = result.get_future();
    start([function, ... arguments = arguments]() mutable { return function(arguments...); },
          [result = std::move(result)](process_result<R> value) mutable {
            result.set_value(std::move(value));
          });
    return answer;
  }

  // function(item) for each, in the workers; the answers in the items' order.
  template <typename Items, typename Function>
  auto map(Items&& items, Function function) {
    using Item = std::remove_cvref_t<decltype(*std::begin(items))>;
    using R = std::invoke_result_t<Function&, Item&>;
    Vector<future<process_result<R>>> answers;
    for (const Item& item : items) answers.push_back(submit(function, item));
    Vector<process_result<R>> results;
    for (auto& answer : answers) results.push_back(answer.get());
    return results;
  }

  // Calls callback(process_result<R>) in this process, in a thread of the pool. The future has the same result
  // when the callback is over (or what that has thrown), for those who want to wait.
  template <typename Function, typename Callback>
  auto apply_async(Function function, Callback callback) {
    using R = std::invoke_result_t<Function&>;
    promise<process_result<R>> result;
    auto answer = result.get_future();
    start(std::move(function), [result = std::move(result),
                                callback = std::move(callback)](process_result<R> value) mutable {
      auto call_back = [&] {
        callback(value);
        return value;
      };
      result.set_from(call_back);
    });
    return answer;
  }

 private:
  using Outcome = std::expected<std::string_view, exit_status>;
  // What the worker runs: takes the function out of its bytes, and appends the answer's.
  using Thunk = void (*)(std::string_view function, String& answer);

  struct Job {
    Thunk thunk;
    String function;
    unique_function<void(Outcome)> finished;
  };
  struct Worker {
    process child;
    Descriptor connection;
  };

  template <typename Function, typename Finished>
  void start(Function function, Finished finished) {
    using R = std::invoke_result_t<Function&>;
    static_assert(std::is_trivially_copyable_v<Function>, "a job goes over as bytes");
    const Thunk thunk = [](std::string_view bytes, String& answer) {
      auto own = detail::value_of<Function>(bytes);
      if constexpr (std::is_void_v<R>) {
        (*own)();
      } else {
        answer.append(detail::bytes_of((*own)()));
      }
    };
    push({thunk, String(detail::bytes_of(function)),
          [finished = std::move(finished)](Outcome outcome) mutable {
            if (!outcome) {
              finished(process_result<R>(std::unexpected(outcome.error())));
            } else if constexpr (std::is_void_v<R>) {
              finished(process_result<R>());
            } else {
              finished(process_result<R>(*detail::value_of<R>(*outcome)));
            }
          }});
  }

  Result<> start();
  void stop();
  void push(Job job);
  Result<> start_worker(Worker& worker);
  void serve(Worker& worker);
  static void send_home(Worker& worker);
  void run(Worker& worker, Job& job);
  [[noreturn]] static void work(int connection);

  mutex starting_;  // one worker at a time is forked: it closes the others' connections
  queue<Job> jobs_;
  Vector<Worker> workers_;
  Vector<thread> threads_;  // one for each worker, in this process
};

}  // namespace weft
