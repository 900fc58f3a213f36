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
  // At that time all are cancelled, and join() answers with Errno::timedout.
  explicit async_scope(Instant deadline) : deadline_(deadline) {}
  async_scope(const async_scope&) = delete;
  async_scope& operator=(const async_scope&) = delete;
  ~async_scope() { ASSERT(running_.try_wait(), "a scope is joined before it goes"); }

  // Fails by an exception, where there are any.
  [[gnu::always_inline]] void spawn(task<> work) { add(detail::here(), std::move(work)); }
  // Fails by an errno, too.
  [[gnu::always_inline]] void spawn(task<Result<>> work) { add(detail::here(), std::move(work)); }

  // Cancels all that run in it, and all that will.
  void cancel();

  // Waits until all are done, those too that are spawned meanwhile. The first failure: an errno is the
  // answer, an exception is thrown. If who waits is cancelled, so are all in the scope, and the answer is
  // Errno::intr.
  Result<> join() {
    const Wake how = running_.wait_until(deadline_);
    if (how != Wake::woken) {
      fail_by(how);
      running_.wait();
    }
    return outcome();
  }
  // The same for tasks.
  task<Result<>> async_join() {
    const Wake how = co_await running_.async_wait_until(deadline_);
    if (how != Wake::woken) {
      fail_by(how);
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
  void add(uint32_t place, task<T> work) {
    running_.add();
    detail::spawn_from(place, run(std::move(work))).detach();
  }
  template <typename T>
  task<> run(task<T> work);

  void enter(Member& member);
  void leave(Member& member);
  bool is_first_failure();
  // Who waits for all has waited long enough, or is cancelled.
  void fail_by(Wake how);
  Result<> outcome();

  const Instant deadline_ = k_never;
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
  auto& outcome = work.outcome();
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
