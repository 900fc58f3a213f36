// blocking(): a call that the kernel can only do by keeping a thread waiting, on a thread kept for such
// calls; the coroutine waits, its worker goes on. Everything that io.hh doesn't offer goes this way:
// files on slow discs, waitpid(), a lock between processes, somebody's library.
#pragma once

#include <new>
#include <type_traits>
#include <utility>

#include "userlib/coro/park.hh"

namespace weft::coro {
namespace detail {

// One call, on the stack of the coroutine that waits for it.
struct BlockingJob {
  void (*run)(BlockingJob& job);
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

// function(), on another thread. Can't be cancelled: nobody knows how far it is. (From a plain thread,
// which may wait: here.)
template <typename Function>
auto blocking(Function function) {
  using Answer = std::invoke_result_t<Function>;
  if (this_worker() == nullptr) return function();
  if constexpr (std::is_void_v<Answer>) {
    struct Job : detail::BlockingJob {
      Function* function;
    } job;
    job.function = &function;
    job.run = [](detail::BlockingJob& own) { (*static_cast<Job&>(own).function)(); };
    detail::run_blocking(job);
  } else {
    struct Job : detail::BlockingJob {
      Function* function;
      alignas(Answer) unsigned char room[sizeof(Answer)];
    } job;
    job.function = &function;
    job.run = [](detail::BlockingJob& own) {
      auto& job = static_cast<Job&>(own);
      new (job.room) Answer((*job.function)());
    };
    detail::run_blocking(job);
    Answer* answer = std::launder(reinterpret_cast<Answer*>(job.room));
    Answer moved = std::move(*answer);
    answer->~Answer();
    return moved;
  }
}

}  // namespace weft::coro
