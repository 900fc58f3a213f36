#include "userlib/coro/scope.hh"

#ifdef __cpp_exceptions
#include <cstring>

#include <cxxabi.h>
#endif

namespace weft::coro {
namespace {

// An exception may be on its way through a scope's end, which waits. The C++ runtime keeps such exceptions
// for each thread, but the coroutine may go on on another, and others throw and catch here meanwhile: so it
// takes its own along.
#ifdef __cpp_exceptions
class OwnExceptions {
 public:
  OwnExceptions() {
    std::memcpy(kept_, abi_record(), sizeof kept_);
    std::memset(abi_record(), 0, sizeof kept_);
  }
  ~OwnExceptions() { std::memcpy(abi_record(), kept_, sizeof kept_); }
  OwnExceptions(const OwnExceptions&) = delete;
  OwnExceptions& operator=(const OwnExceptions&) = delete;

 private:
  // This thread's: those being handled, a pointer, and how many are not caught yet, as the Itanium C++ ABI has
  // it. (The compiler is not to take it for the same on two threads.)
  [[gnu::noinline]] static void* abi_record() {
    asm volatile("" ::: "memory");
    return __cxxabiv1::__cxa_get_globals();
  }
  unsigned char kept_[16];
};
#else
struct OwnExceptions {
  ~OwnExceptions() {}
};
#endif

}  // namespace

void scope::announce() {
  ObjectGuard guard(lock_);
  ++count_;
}

void scope::Member::enter() {
  coroutine_ = &self();
  ObjectGuard guard(scope_->lock_);
  next_ = scope_->first_;
  if (next_ != nullptr) next_->previous_ = this;
  scope_->first_ = this;
  if (scope_->cancelled_) detail::request_cancel(*coroutine_);
}

// The last word of a member: after the lock is let go the scope may be gone.
void scope::Member::leave() {
  Coroutine* waiter = nullptr;
  {
    scope& of = *scope_;
    ObjectGuard guard(of.lock_);
    (previous_ == nullptr ? of.first_ : previous_->next_) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    if (--of.count_ == 0) waiter = of.waiting_.claim_first();
  }
  if (waiter != nullptr) unpark(*waiter);
}

size_t scope::size() const {
  ObjectGuard guard(lock_);
  return count_;
}

void scope::cancel() {
  Coroutine* claimed = nullptr;
  {
    ObjectGuard guard(lock_);
    cancelled_ = true;
    for (Member* each = first_; each != nullptr; each = each->next_) {
      if (!detail::mark_cancelled(*each->coroutine_)) continue;
      each->coroutine_->next = claimed;
      claimed = each->coroutine_;
    }
  }
  unpark_all(claimed);
}

void scope::fail_by(Errno error) {
  {
    ObjectGuard guard(lock_);
    if (failed_) return;
    failed_ = true;
    error_ = error;
  }
  cancel();
}

#ifdef __cpp_exceptions
void scope::fail_by(std::exception_ptr thrown) {
  {
    ObjectGuard guard(lock_);
    if (failed_) return;
    failed_ = true;
    thrown_ = std::move(thrown);
  }
  cancel();
}
#endif

void scope::wait_for_all() {
  Instant deadline = deadline_;
  for (;;) {
    Waiter waiter;
    {
      ObjectGuard guard(lock_);
      if (count_ == 0) return;
      // Its own cancellation must not end this wait; it is passed on below.
      waiter.prepare(Reason::scope, deadline_ == k_never && cancelled_
                                        ? Park::waiting_uninterruptibly
                                        : Park::waiting);
      waiting_.push_back(waiter);
    }
    Wake how;
    {
      const OwnExceptions taken_along;
      how = park(this, deadline);
    }
    if (how == Wake::woken) continue;
    {
      ObjectGuard guard(lock_);
      waiting_.remove(waiter);
    }
    if (how == Wake::timed_out) {
      deadline = k_never;
      deadline_ = k_never;
      fail_by(Errno::timedout);
    } else {
      deadline = k_never;
      deadline_ = k_never;
      fail_by(Errno::intr);
    }
  }
}

Result<> scope::join() {
  wait_for_all();
  ObjectGuard guard(lock_);
#ifdef __cpp_exceptions
  if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
#endif
  if (failed_) return fail(error_);
  return {};
}

}  // namespace weft::coro
