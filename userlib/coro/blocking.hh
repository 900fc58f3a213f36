// blocking(): a call that the kernel can only do by keeping a thread waiting, on a thread kept for such
// calls; the coroutine waits, its worker goes on. Everything that io.hh doesn't offer goes this way:
// files on slow discs, waitpid(), a lock between processes, somebody's library.
#pragma once

#include <type_traits>

#include "userlib/coro/park.hh"
#include "userlib/coro/stackless/outcome.hh"

namespace weft::coro {
namespace detail {

// One call, on the stack of the coroutine that waits for it.
struct BlockingJob {
  void (*run)(BlockingJob& job) = nullptr;
  BlockingJob* next = nullptr;
  Coroutine* waiting = nullptr;
};

// Hands the job to a thread, and comes back when it is done.
void run_blocking(BlockingJob& job);
// For the end of the runtime: the threads are gone after this.
void end_blocking_threads();
// Calls that are under way.
size_t blocking_calls();

}  // namespace detail

// function(), on another thread: what it answers or throws. Can't be cancelled: nobody knows how far it is.
// (From a plain thread, which may wait: here.)
template <typename Function>
auto blocking(Function function) -> std::invoke_result_t<Function&> {
  if (this_worker() == nullptr) return function();
  struct Job : detail::BlockingJob {
    Function& function;
    weft::detail::Outcome<std::invoke_result_t<Function&>> outcome;
    explicit Job(Function& called) : function(called) {
      run = [](BlockingJob& own) {
        auto& job = static_cast<Job&>(own);
        weft::detail::capture(job.outcome, job.function);
      };
    }
  } job(function);
  detail::run_blocking(job);
  return job.outcome.take();
}

}  // namespace weft::coro
