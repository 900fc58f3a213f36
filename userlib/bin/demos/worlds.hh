// The two worlds of `rooms`: what threads have to wait for each other, and the same for coroutines. Only how
// one is started differs, and what giving back a key too many is called.
#pragma once

#include <chrono>
#include <utility>

#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/barrier.hh"
#include "userlib/coro/sync/condition_variable.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/coro/sync/latch.hh"
#include "userlib/coro/sync/once.hh"
#include "userlib/coro/sync/recursive_mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/thread/barrier.hh"
#include "userlib/thread/condition_variable.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/latch.hh"
#include "userlib/thread/once.hh"
#include "userlib/thread/recursive_mutex.hh"
#include "userlib/thread/semaphore.hh"
#include "userlib/thread/shared_mutex.hh"
#include "userlib/thread/thread.hh"
#include "userlib/thread/timer.hh"

namespace weft {

struct Threads {
  using mutex = weft::mutex;
  using recursive_mutex = weft::recursive_mutex;
  using bounded_semaphore = weft::bounded_semaphore;
  using condition_variable = weft::condition_variable;
  using event = weft::event;
  using latch = weft::latch;
  using barrier = weft::barrier<>;
  using shared_mutex = weft::shared_mutex;
  using once_flag = weft::once_flag;

  static thread start(auto function) { return thread(std::move(function)); }
  static bool give_back(bounded_semaphore& keys) { return keys.try_release(); }
  static auto later(auto function) {
    return timer(std::chrono::milliseconds(1), std::move(function));
  }
};

struct Coroutines {
  using mutex = coro::mutex;
  using recursive_mutex = coro::recursive_mutex;
  using bounded_semaphore = coro::bounded_semaphore;
  using condition_variable = coro::condition_variable;
  using event = coro::event;
  using latch = coro::latch;
  using barrier = coro::barrier<>;
  using shared_mutex = coro::shared_mutex;
  using once_flag = coro::once_flag;

  static auto start(auto function) { return coro::go(std::move(function)); }
  static bool give_back(bounded_semaphore& keys) { return keys.try_release(); }
  static auto later(auto function) {
    return coro::go([function = std::move(function)] {
      coro::sleep_for(k_millisecond);
      function();
    });
  }
};

}  // namespace weft
