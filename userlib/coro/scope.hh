// scope: coroutines that are over before the scope is. What they use may lie on the stack of who opened
// it. When one fails, the others are cancelled.
//
//     scope tasks;
//     tasks.go([&] { return download(first); });
//     tasks.go([&] { return download(second); });
//     Result<> how = tasks.join();           // or the destructor waits, and forgets the failure
//
// A function fails by answering with a Result that holds an error, or (in the hosted library) by an
// exception, which join() throws again. The first failure counts. An exception that leaves the scope itself
// cancels all of them, too.
#pragma once

#ifdef __cpp_exceptions
#include <exception>
#endif

#include "core/base/result.hh"
#include "userlib/coro/go.hh"

namespace weft::coro {

class scope {
 public:
  scope() = default;
  // At that time the coroutines are cancelled, and join() answers with Errno::timedout.
  explicit scope(Instant deadline) : deadline_(deadline) {}
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  ~scope() {
#ifdef __cpp_exceptions
    if (std::uncaught_exceptions() > exceptions_before_) cancel();
#endif
    wait_for_all();
  }

  template <typename Function>
  void go(Function function) {
    go(Spawn{}, std::move(function));
  }
  template <typename Function>
  void go(Spawn how, Function function) {
    coro::go(how, [this, member = Member(*this), function = std::move(function)]() mutable {
      member.enter();
      call(function);
      member.leave();
    });
  }

  // Until all are over. What failed first, if anything.
  Result<> join();
  // Asks all to end. Those that begin later are cancelled from the start.
  void cancel();
  size_t size() const;

  // Calls visit(coroutine) for each that runs in it: for the report of a deadlock.
  template <typename Visitor>
  void for_each_coroutine(Visitor visit) const {
    const ObjectGuard guard(lock_);
    for (const Member* each = first_; each != nullptr; each = each->next_) visit(*each->coroutine_);
  }

 private:
  // A coroutine's place in the list. It lies in its closure, on its stack once it runs.
  class Member {
   public:
    explicit Member(scope& of) : scope_(&of) { of.announce(); }
    Member(Member&& other) noexcept : scope_(std::exchange(other.scope_, nullptr)) {}
    void enter();
    void leave();

   private:
    friend class scope;
    scope* scope_;
    Coroutine* coroutine_ = nullptr;
    Member* next_ = nullptr;
    Member* previous_ = nullptr;
  };

  template <typename Function>
  void call(Function& function) {
#ifdef __cpp_exceptions
    try {
      call_plainly(function);
    } catch (...) {
      fail_by(std::current_exception());
    }
#else
    call_plainly(function);
#endif
  }
  template <typename Function>
  void call_plainly(Function& function) {
    using Answer = std::invoke_result_t<Function&>;
    if constexpr (requires(Answer answer) { answer.has_value(), answer.error(); }) {
      if (Answer answer = function(); !answer.has_value()) fail_by(answer.error());
    } else {
      function();
    }
  }

  void announce();
  void fail_by(Errno error);
#ifdef __cpp_exceptions
  void fail_by(std::exception_ptr thrown);
  std::exception_ptr thrown_;
  const int exceptions_before_ = std::uncaught_exceptions();
#endif
  void wait_for_all();

  mutable ObjectLock lock_;
  Member* first_ GUARDED_BY(lock_) = nullptr;
  size_t count_ GUARDED_BY(lock_) = 0;
  bool cancelled_ GUARDED_BY(lock_) = false;
  bool failed_ GUARDED_BY(lock_) = false;
  Errno error_ GUARDED_BY(lock_){};
  WaitList waiting_ GUARDED_BY(lock_);
  Instant deadline_ = k_never;
};

}  // namespace weft::coro
