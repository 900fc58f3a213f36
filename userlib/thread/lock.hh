// Guards: objects that hold a lock as long as they live. lock_guard, unique_lock, shared_lock and
// scoped_lock are the standard's; in the hosted library the standard's own work on our mutexes, too.
#pragma once

#include <chrono>
#include <span>
#include <tuple>
#include <utility>

#include "core/base/annotations.hh"
#include "core/base/errno.hh"
#include "userlib/sys/exit.hh"

namespace weft {

// How a guard begins: without the lock, with one attempt at it, or with one that is held already.
struct defer_lock_t {
  explicit defer_lock_t() = default;
};
struct try_to_lock_t {
  explicit try_to_lock_t() = default;
};
struct adopt_lock_t {
  explicit adopt_lock_t() = default;
};
inline constexpr defer_lock_t defer_lock{};
inline constexpr try_to_lock_t try_to_lock{};
inline constexpr adopt_lock_t adopt_lock{};

template <typename Mutex>
class SCOPED_CAPABILITY lock_guard {
 public:
  using mutex_type = Mutex;

  explicit lock_guard(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  lock_guard(Mutex& mutex, adopt_lock_t) REQUIRES(mutex) : mutex_(mutex) {}
  ~lock_guard() RELEASE() { mutex_.unlock(); }
  lock_guard(const lock_guard&) = delete;
  lock_guard& operator=(const lock_guard&) = delete;

 private:
  Mutex& mutex_;
};

namespace detail {

// What unique_lock and shared_lock have in common; How says which of the mutex's functions are meant.
// Whether the lock is held is known only while the program runs, so the compiler's analysis leaves
// these alone. Misuse throws (see sys/exit.hh): Errno::perm without a mutex or without holding it,
// Errno::deadlk when it is held already.
template <typename Mutex, typename How>
class MovableLock {
 public:
  using mutex_type = Mutex;

  MovableLock() = default;
  explicit MovableLock(Mutex& mutex) NO_THREAD_SAFETY_ANALYSIS : mutex_(&mutex) { lock(); }
  MovableLock(Mutex& mutex, defer_lock_t) : mutex_(&mutex) {}
  MovableLock(Mutex& mutex, try_to_lock_t) : mutex_(&mutex) { try_lock(); }
  MovableLock(Mutex& mutex, adopt_lock_t) : mutex_(&mutex), owns_(true) {}
  template <typename Rep, typename Period>
  MovableLock(Mutex& mutex, const std::chrono::duration<Rep, Period>& duration) : mutex_(&mutex) {
    try_lock_for(duration);
  }
  template <typename Clock, typename Duration>
  MovableLock(Mutex& mutex, const std::chrono::time_point<Clock, Duration>& time) : mutex_(&mutex) {
    try_lock_until(time);
  }
  MovableLock(MovableLock&& other) noexcept { swap(other); }
  MovableLock& operator=(MovableLock&& other) noexcept {
    MovableLock(std::move(other)).swap(*this);
    return *this;
  }
  ~MovableLock() {
    if (owns_) unlock();
  }

  void lock() {
    expect_free();
    How::lock(*mutex_);
    owns_ = true;
  }
  bool try_lock() {
    expect_free();
    return owns_ = How::try_lock(*mutex_);
  }
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& duration) {
    expect_free();
    return owns_ = How::try_lock_for(*mutex_, duration);
  }
  template <typename Clock, typename Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time) {
    expect_free();
    return owns_ = How::try_lock_until(*mutex_, time);
  }
  void unlock() {
    if (!owns_) throw_error(Errno::perm, "a lock is let go that is not held");
    owns_ = false;
    How::unlock(*mutex_);
  }

  // The mutex is the caller's again, as it is.
  Mutex* release() noexcept {
    owns_ = false;
    return std::exchange(mutex_, nullptr);
  }
  void swap(MovableLock& other) noexcept {
    std::swap(mutex_, other.mutex_);
    std::swap(owns_, other.owns_);
  }
  friend void swap(MovableLock& a, MovableLock& b) noexcept { a.swap(b); }

  bool owns_lock() const noexcept { return owns_; }
  explicit operator bool() const noexcept { return owns_; }
  Mutex* mutex() const noexcept { return mutex_; }

 private:
  void expect_free() const {
    if (mutex_ == nullptr) throw_error(Errno::perm, "this lock has no mutex");
    if (owns_) throw_error(Errno::deadlk, "this lock is held already");
  }

  Mutex* mutex_ = nullptr;
  bool owns_ = false;
};

struct Exclusively {
  static void lock(auto& mutex) NO_THREAD_SAFETY_ANALYSIS { mutex.lock(); }
  static bool try_lock(auto& mutex) NO_THREAD_SAFETY_ANALYSIS { return mutex.try_lock(); }
  static bool try_lock_for(auto& mutex, const auto& duration) NO_THREAD_SAFETY_ANALYSIS {
    return mutex.try_lock_for(duration);
  }
  static bool try_lock_until(auto& mutex, const auto& time) NO_THREAD_SAFETY_ANALYSIS {
    return mutex.try_lock_until(time);
  }
  static void unlock(auto& mutex) NO_THREAD_SAFETY_ANALYSIS { mutex.unlock(); }
};

struct Shared {
  static void lock(auto& mutex) NO_THREAD_SAFETY_ANALYSIS { mutex.lock_shared(); }
  static bool try_lock(auto& mutex) NO_THREAD_SAFETY_ANALYSIS { return mutex.try_lock_shared(); }
  static bool try_lock_for(auto& mutex, const auto& duration) NO_THREAD_SAFETY_ANALYSIS {
    return mutex.try_lock_shared_for(duration);
  }
  static bool try_lock_until(auto& mutex, const auto& time) NO_THREAD_SAFETY_ANALYSIS {
    return mutex.try_lock_shared_until(time);
  }
  static void unlock(auto& mutex) NO_THREAD_SAFETY_ANALYSIS { mutex.unlock_shared(); }
};

}  // namespace detail

// A lock that can be let go and taken again, as a condition variable does, and handed on.
template <typename Mutex>
class unique_lock : public detail::MovableLock<Mutex, detail::Exclusively> {
 public:
  using detail::MovableLock<Mutex, detail::Exclusively>::MovableLock;
};
template <typename Mutex>
unique_lock(Mutex&, auto&&...) -> unique_lock<Mutex>;

// The same for one of many readers.
template <typename Mutex>
class shared_lock : public detail::MovableLock<Mutex, detail::Shared> {
 public:
  using detail::MovableLock<Mutex, detail::Shared>::MovableLock;
};
template <typename Mutex>
shared_lock(Mutex&, auto&&...) -> shared_lock<Mutex>;

namespace detail {

// A mutex of whatever kind.
struct AnyMutex {
  template <typename Mutex>
  explicit AnyMutex(Mutex& mutex)
      : object(&mutex),
        lock([](void* own) { Exclusively::lock(*static_cast<Mutex*>(own)); }),
        try_lock([](void* own) { return Exclusively::try_lock(*static_cast<Mutex*>(own)); }),
        unlock([](void* own) { Exclusively::unlock(*static_cast<Mutex*>(own)); }) {}

  void* object;
  void (*lock)(void*);
  bool (*try_lock)(void*);
  void (*unlock)(void*);
};

void lock_all(std::span<const AnyMutex> mutexes);

}  // namespace detail

// Takes all of them. Whoever waits for one holds no other, so two threads that name them in different
// orders do not wait for each other.
template <typename... Mutexes>
void lock(Mutexes&... mutexes) {
  const detail::AnyMutex all[] = {detail::AnyMutex(mutexes)...};
  detail::lock_all(all);
}

// Tries each in turn: -1 if all are held now, else the index of the one that was not to be had, and
// none is held.
template <typename First, typename... Rest>
int try_lock(First& first, Rest&... rest) {
  if (!detail::Exclusively::try_lock(first)) return 0;
  if constexpr (sizeof...(Rest) > 0) {
    const int failed = weft::try_lock(rest...);
    if (failed >= 0) {
      detail::Exclusively::unlock(first);
      return failed + 1;
    }
  }
  return -1;
}

// Holds any number of mutexes, taken by lock().
template <typename... Mutexes>
class scoped_lock {
 public:
  explicit scoped_lock(Mutexes&... mutexes) : mutexes_(mutexes...) {
    if constexpr (sizeof...(Mutexes) > 0) weft::lock(mutexes...);
  }
  scoped_lock(adopt_lock_t, Mutexes&... mutexes) : mutexes_(mutexes...) {}
  ~scoped_lock() {
    std::apply([](Mutexes&... each) { (detail::Exclusively::unlock(each), ...); }, mutexes_);
  }
  scoped_lock(const scoped_lock&) = delete;
  scoped_lock& operator=(const scoped_lock&) = delete;

 private:
  std::tuple<Mutexes&...> mutexes_;
};

}  // namespace weft
