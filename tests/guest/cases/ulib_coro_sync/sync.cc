// What keeps coroutines apart, on one worker and on several: each case prints what only holds if the
// objects do what they promise.
#include "guest/on_userlib/case.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/barrier.hh"
#include "userlib/coro/sync/condition_variable.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/coro/sync/latch.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/once.hh"
#include "userlib/coro/sync/recursive_mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/thread/mutex.hh"

namespace weft::guest {
namespace {

using namespace std::chrono_literals;

constexpr int k_coroutines = 50;
constexpr int k_rounds = 40;

// body(0), body(1), ... each in a coroutine, first on a lone worker, then on three that share.
template <typename Prepare>
void on_all_workers(Prepare prepare) {
  for (const auto mode : {coro::Mode::lone, coro::Mode::shared}) {
    coro::run(coro::Options{.mode = mode, .workers = 3}, [&] {
      say(mode == coro::Mode::lone ? "alone:" : "shared:");
      prepare();
    });
  }
}

template <typename Body>
void run_coroutines(int count, Body body) {
  Vector<coro::handle<void>> all;
  for (int own = 0; own < count; ++own) all.push_back(coro::go([&body, own] { body(own); }));
  coro::join_all(all);
}

}  // namespace

GUEST_CASE(a_mutex_loses_no_update) {
  on_all_workers([] {
    coro::mutex door;
    int count = 0;
    run_coroutines(k_coroutines, [&](int) {
      for (int i = 0; i < k_rounds; ++i) {
        lock_guard guard(door);
        const int seen = count;
        if (i % 8 == 0) coro::yield();
        count = seen + 1;
      }
    });
    show("count", count);
  });
}

GUEST_CASE(a_recursive_mutex_lets_its_owner_in_again) {
  on_all_workers([] {
    coro::recursive_mutex door;
    int count = 0;
    run_coroutines(k_coroutines, [&](int) {
      lock_guard outer(door);
      coro::yield();
      lock_guard inner(door);
      ++count;
    });
    show("count", count);
  });
}

GUEST_CASE(a_semaphore_lets_so_many_in) {
  on_all_workers([] {
    coro::counting_semaphore<> keys(3);
    Atomic<int> inside{0};
    Atomic<bool> too_many{false};
    run_coroutines(k_coroutines, [&](int) {
      for (int i = 0; i < k_rounds; ++i) {
        keys.acquire();
        if (inside.fetch_add(1, relaxed) >= 3) too_many.store(true, relaxed);
        coro::yield();
        inside.fetch_sub(1, relaxed);
        keys.release();
      }
    });
    check("too many", too_many.load(relaxed));
    coro::bounded_semaphore bounded(1);
    check("takes a key too many", bounded.try_release());
  });
}

GUEST_CASE(a_condition_variable_loses_no_notification) {
  on_all_workers([] {
    coro::mutex door;
    coro::condition_variable changed;
    int turn = 0;
    run_coroutines(k_coroutines, [&](int own) {
      for (int i = 0; i < 4; ++i) {
        unique_lock lock(door);
        changed.wait(lock, [&] { return turn % k_coroutines == own; });
        ++turn;
        changed.notify_all();
      }
    });
    show("turns", turn);
  });
}

GUEST_CASE(readers_see_whole_writes) {
  on_all_workers([] {
    coro::shared_mutex book;
    int left = 0;
    int right = 0;
    Atomic<bool> torn{false};
    run_coroutines(k_coroutines, [&](int own) {
      for (int i = 0; i < k_rounds; ++i) {
        if (own % 5 == 0) {
          book.lock();
          ++left;
          coro::yield();
          ++right;
          book.unlock();
        } else {
          book.lock_shared();
          if (left != right) torn.store(true, relaxed);
          book.unlock_shared();
        }
      }
    });
    show("writes", left);
    check("torn", torn.load(relaxed));
  });
}

GUEST_CASE(barriers_latches_and_events) {
  on_all_workers([] {
    int phases = 0;
    coro::barrier meeting(k_coroutines, [&] { ++phases; });
    coro::latch gone(k_coroutines);
    coro::event begin;
    Vector<coro::handle<void>> all;
    for (int i = 0; i < k_coroutines; ++i)
      all.push_back(coro::go([&] {
        begin.wait();
        for (int phase = 0; phase < 10; ++phase) meeting.arrive_and_wait();
        gone.count_down();
      }));
    check("gone before the beginning", gone.try_wait());
    begin.set();
    gone.wait();
    coro::join_all(all);
    show("phases", phases);
  });
}

GUEST_CASE(once_is_once) {
  on_all_workers([] {
    coro::once_flag flag;
    int runs = 0;
    Atomic<int> back{0};
    run_coroutines(k_coroutines, [&](int) {
      coro::call_once(flag, [&] {
        coro::yield();
        ++runs;
      });
      back.fetch_add(runs, relaxed);
    });
    show("runs", runs);
    show("seen by", back.load(relaxed));
  });
}

GUEST_CASE(deadlines_and_cancellations_end_waits) {
  on_all_workers([] {
    coro::mutex door;
    coro::counting_semaphore<> keys(0);
    coro::event gate;
    coro::event tried;
    door.lock();
    const Instant start = coro::now();
    auto waiting = coro::go([&] {
      check("locked in 2 ms", door.try_lock_for(2ms));
      check("acquired in 2 ms", keys.try_acquire_for(2ms));
      check("opened in 2 ms", gate.wait_for(2ms));
      coro::mutex own;
      coro::condition_variable changed;
      unique_lock held(own);
      check("notified in 2 ms", changed.wait_for(held, 2ms) == cv_status::no_timeout);
      check("too early", coro::now() - start < 8 * k_millisecond);
      tried.set();
      check("cancelled", gate.wait_until(k_never) == coro::Wake::cancelled);
      check("cancelled again", door.lock_until(k_never) == coro::Wake::cancelled);
    });
    tried.wait();
    waiting.cancel();
    waiting.join();
    door.unlock();
  });
}

}  // namespace weft::guest
