// async_scope: tasks that begin and end together. It is left when all of them are done; when one fails, the
// rest are cancelled, and join() tells of the first failure.
//
//   async_scope all;
//   for (int fd : clients) all.spawn(serve(fd));
//   Result<> outcome = co_await all.async_join();    // or all.join(), from a coroutine
#pragma once

#include <utility>

#include "core/base/list.hh"
#include "core/base/result.hh"
#include "userlib/coro/stackless/outcome.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/latch.hh"

namespace weft::coro {

class async_scope {
 public:
  async_scope() = default;
  async_scope(const async_scope&) = delete;
  async_scope& operator=(const async_scope&) = delete;
  ~async_scope() { ASSERT(running_.try_wait(), "a scope is joined before it goes"); }

  // Fails by an exception, where there are any.
  void spawn(task<> work) { add(std::move(work)); }
  // Fails by an errno, too.
  void spawn(task<Result<>> work) { add(std::move(work)); }

  // Cancels all that run in it, and all that will.
  void cancel();

  // Waits until all are done, those too that are spawned meanwhile. The first failure: an errno is the
  // answer, an exception is thrown.
  Result<> join() {
    running_.wait();
    return outcome();
  }
  // The same for tasks. If the waiting task is cancelled, so are all in the scope.
  task<Result<>> async_join() {
    if (co_await running_.async_wait() != Wake::woken) {
      cancel();
      (void)co_await running_.async_wait_uninterruptibly();
    }
    co_return outcome();
  }

 private:
  // A task that runs, in the frame of what runs it.
  struct Member {
    ListHook hook;
    Coroutine* coroutine = nullptr;
    Member* next_woken = nullptr;
  };

  template <typename T>
  void add(task<T> work) {
    running_.add();
    coro::spawn(run(std::move(work))).detach();
  }
  template <typename T>
  task<> run(task<T> work);

  void enter(Member& member);
  void leave(Member& member);
  bool is_first_failure();
  Result<> outcome();

  wait_group running_;
  ObjectLock lock_;
  bool cancelled_ = false;  // no more failures are noted, since all that follow may come from this
  List<Member, &Member::hook> members_;
  Result<> error_;
  weft::detail::Outcome<void> exception_;
};

template <typename T>
task<> async_scope::run(task<T> work) {
  Member member;
  enter(member);
  co_await work.when_done();
  weft::detail::Outcome<T>& outcome = work.outcome();
  bool has_failed = outcome.is_error();
  if constexpr (!std::is_void_v<T>) has_failed = has_failed || !outcome.value().has_value();
  if (has_failed && is_first_failure()) {
    if (outcome.is_error()) {
      exception_.take_error_of(outcome);
    } else if constexpr (!std::is_void_v<T>) {
      error_ = outcome.value();
    }
    cancel();
  }
  leave(member);
}

}  // namespace weft::coro
