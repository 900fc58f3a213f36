// event_loop: one thread, a queue of events, and what is to be done about each. The same loop serves
// callbacks and coroutines: a callback's event calls a function, a coroutine's event resumes it.
//
//   event_loop loop;                        task<> echo(event_loop& loop, int fd) {
//   loop.post([&] { loop.stop(); });          while (co_await loop.readable(fd)) ...
//   loop.run();                             }
//                                           loop.run(echo(loop, fd));
//
// A turn of the loop begins with a question to the kernel about its descriptors, in which it sleeps if
// there is nothing else to do, and a look at its timers. Then it does everything that has come in, in
// the order in which it came; what that posts waits for the next turn. Nothing it runs is ever
// interrupted by something else it runs, so what they share needs no lock. In turn, whoever blocks or
// computes for long stops all of them.
//
// Everything but post_from_any_thread() and stop() belongs to the loop's own thread.
#pragma once

#include <chrono>
#include <concepts>
#include <coroutine>
#include <utility>

#include "core/base/annotations.hh"
#include "core/base/result.hh"
#include "userlib/base/clock.hh"
#include "userlib/base/file.hh"
#include "userlib/base/lock.hh"
#include "userlib/base/vector.hh"
#include "userlib/coro/stackless/detached.hh"
#include "userlib/coro/stackless/loop_event.hh"
#include "userlib/coro/stackless/task.hh"

namespace weft {

class event_loop {
 public:
  // Without descriptors for it, throw_error() says so.
  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  // Turns until nothing more can happen (no event, no timer, no watch, no keeper), or until stop().
  void run();
  // Turns until the task is done, whatever stop() says. Its result, or what it threw.
  template <typename T>
  T run(task<T> work);
  // Begins the task now. Nobody waits for it but the loop; what it throws ends the program.
  void spawn(task<> work) {
    [](task<> work) -> detail::Detached { co_await std::move(work); }(std::move(work));
  }
  // Ends run() when the present turn is over; without one, the next run() at once. From any thread.
  void stop();

  // Calls the function in the next turn.
  template <std::invocable Function>
  void post(Function function) {
    queue_.push_back(*new Callback<Function>(std::move(function)));
  }
  template <std::invocable Function>
  void post_from_any_thread(Function function) {
    post_event_from_any_thread(*new Callback<Function>(std::move(function)));
  }

  // Calls the function when the time has come. It can be started again, also from its function, which
  // gets the timer as its argument if it takes one; once stopped, or gone, it calls nothing.
  template <typename Function>
  class timer;

  // Calls the function whenever the descriptor is found ready, until the watch is stopped or gone. There
  // is one at most for each descriptor and direction. The
  // function gets the watch if it takes one. A descriptor is closed after its watches' end.
  template <typename Function>
  class watch;

  // As long as one lives, run() does not return for want of something to do: another thread will post.
  class keeper;

  // For coroutines, with co_await.
  struct Turn;
  struct Sleep;
  struct Readiness;
  Turn turn();  // goes on in the next turn
  Sleep sleep_until(Instant when);
  template <typename Rep, typename Period>
  Sleep sleep_for(const std::chrono::duration<Rep, Period>& duration);
  // A Result<>: the descriptor can be read from, or written to, without blocking, or it has an error or
  // its end to tell of. Errno::perm for files, which never make anybody wait; Errno::exist if somebody
  // waits for it already.
  Readiness readable(int fd);
  Readiness writable(int fd);

 private:
  template <typename Function>
  class Callback;
  template <typename Function, typename Caller>
  static void call(Function& function, Caller& caller) {
    if constexpr (std::invocable<Function&, Caller&>) {
      function(caller);
    } else {
      function();
    }
  }
  using Queue = List<detail::LoopEvent, &detail::LoopEvent::hook>;

  struct Watches {
    detail::LoopWatch* reader = nullptr;
    detail::LoopWatch* writer = nullptr;
  };

  void post_event_from_any_thread(detail::LoopEvent& event);
  void start(detail::LoopTimer& timer, Instant when);
  void stop(detail::LoopTimer& timer);
  Result<> start(detail::LoopWatch& watch, int fd, detail::Direction direction);
  void stop(detail::LoopWatch& watch);
  detail::LoopWatch*& place_of(int fd, detail::Direction direction);
  bool is_watched(int fd) const;
  Result<> tell_kernel(int fd, bool was_watched);

  bool has_something_to_do() const;
  void turn_once();
  void take_due_timers();
  void ask_kernel();
  int patience() const;
  void descriptor_is_ready(int fd, uint32_t events);
  void ring_bell();
  void answer_bell();

  Descriptor epoll_;
  Descriptor bell_;  // an eventfd: other threads ring it
  Queue queue_;
  RbTree<detail::LoopTimer, &detail::LoopTimer::node, detail::LoopTimer::Order> timers_;
  Vector<Watches> watches_;  // by descriptor
  size_t watching_ = 0;
  size_t keepers_ = 0;
  Lock remote_lock_;
  Queue remote_ GUARDED_BY(remote_lock_);
  Atomic<bool> stopped_{false};
};

template <typename Function>
class event_loop::Callback final : public detail::LoopEvent, public detail::FrameMemory {
 public:
  explicit Callback(Function function) : function_(std::move(function)) {}
  // The function may post, and so use this memory again, or throw.
  void happen() override {
    Function function = std::move(function_);
    delete this;
    function();
  }
  void drop() override { delete this; }

 private:
  Function function_;
};

template <typename Function>
class event_loop::timer final : public detail::LoopTimer {
 public:
  timer(event_loop& loop, Function function) : loop_(loop), function_(std::move(function)) {}
  ~timer() { stop(); }
  void start_at(Instant when) {
    stop();
    loop_.start(*this, when);
  }
  template <typename Rep, typename Period>
  void start_after(const std::chrono::duration<Rep, Period>& duration) {
    start_at(instant_after(duration));
  }
  void stop() { loop_.stop(*this); }
  void happen() override { call(function_, *this); }

 private:
  event_loop& loop_;
  Function function_;
};

template <typename Function>
class event_loop::watch final : public detail::LoopWatch {
 public:
  watch(event_loop& loop, Function function) : loop_(loop), function_(std::move(function)) {}
  ~watch() { stop(); }
  Result<> start_reading(int fd) { return loop_.start(*this, fd, detail::Direction::read); }
  Result<> start_writing(int fd) { return loop_.start(*this, fd, detail::Direction::write); }
  void stop() { loop_.stop(*this); }
  void happen() override { call(function_, *this); }

 private:
  event_loop& loop_;
  Function function_;
};

class event_loop::keeper {
 public:
  explicit keeper(event_loop& loop) : loop_(loop) { ++loop_.keepers_; }
  ~keeper() { --loop_.keepers_; }
  keeper(const keeper&) = delete;
  keeper& operator=(const keeper&) = delete;

 private:
  event_loop& loop_;
};

struct event_loop::Turn final : detail::LoopEvent {
  explicit Turn(event_loop& loop) : loop(loop) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiter = handle;
    loop.queue_.push_back(*this);
  }
  void await_resume() const noexcept {}
  void happen() override { waiter.resume(); }

  event_loop& loop;
  std::coroutine_handle<> waiter;
};

struct event_loop::Sleep final : detail::LoopTimer {
  Sleep(event_loop& loop, Instant until) : loop(loop), until(until) {}
  ~Sleep() { loop.stop(*this); }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiter = handle;
    loop.start(*this, until);
  }
  void await_resume() const noexcept {}
  void happen() override { waiter.resume(); }

  event_loop& loop;
  Instant until;
  std::coroutine_handle<> waiter;
};

struct event_loop::Readiness final : detail::LoopWatch {
  Readiness(event_loop& loop, int descriptor, detail::Direction wanted)
      : loop(loop), descriptor(descriptor), wanted(wanted) {}
  ~Readiness() { loop.stop(*this); }
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    waiter = handle;
    started = loop.start(*this, descriptor, wanted);
    return started.has_value();
  }
  Result<> await_resume() const { return started; }
  void happen() override {
    loop.stop(*this);
    waiter.resume();
  }

  event_loop& loop;
  int descriptor;
  detail::Direction wanted;
  std::coroutine_handle<> waiter;
  Result<> started;
};

inline event_loop::Turn event_loop::turn() { return Turn(*this); }
inline event_loop::Sleep event_loop::sleep_until(Instant when) { return Sleep(*this, when); }
template <typename Rep, typename Period>
event_loop::Sleep event_loop::sleep_for(const std::chrono::duration<Rep, Period>& duration) {
  return Sleep(*this, instant_after(duration));
}
inline event_loop::Readiness event_loop::readable(int fd) {
  return Readiness(*this, fd, detail::Direction::read);
}
inline event_loop::Readiness event_loop::writable(int fd) {
  return Readiness(*this, fd, detail::Direction::write);
}

template <typename T>
T event_loop::run(task<T> work) {
  bool done = false;
  [](task<T>& work, bool& done) -> detail::Detached {
    co_await work.when_done();
    done = true;
  }(work, done);
  while (!done) turn_once();
  return work.result();
}

}  // namespace weft
