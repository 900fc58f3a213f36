// The userlib's locks and gates: each case prints what only holds if they do what they promise.
#include "guest/on_userlib/case.hh"
#include "userlib/thread/barrier.hh"
#include "userlib/thread/condition_variable.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/inheriting_mutex.hh"
#include "userlib/thread/latch.hh"
#include "userlib/thread/once.hh"
#include "userlib/thread/recursive_mutex.hh"
#include "userlib/thread/semaphore.hh"
#include "userlib/thread/shared_mutex.hh"
#include "userlib/thread/thread.hh"

namespace weft::guest {
namespace {

using namespace std::chrono_literals;

template <typename Mutex>
void count_under(std::string_view name) {
  Mutex lock;
  int count = 0;
  run_team(4, [&](int) {
    for (int i = 0; i < 1000; ++i) {
      const lock_guard guard(lock);
      ++count;
    }
  });
  show(name, count);
}

template <typename Mutex>
void give_up_on(std::string_view name) {
  Mutex lock;
  lock.lock();
  thread([&] {
    const auto start = std::chrono::steady_clock::now();
    const bool taken = lock.try_lock_for(2ms);
    say("{}: taken {}, too early {}", name, taken, std::chrono::steady_clock::now() - start < 2ms);
  }).join();
  lock.unlock();
}

}  // namespace

GUEST_CASE(no_mutex_loses_an_update) {
  count_under<mutex>("mutex");
  count_under<timed_mutex>("timed");
  count_under<recursive_mutex>("recursive");
  count_under<recursive_timed_mutex>("recursive and timed");
  count_under<inheriting_mutex>("inheriting");
  count_under<shared_mutex>("shared");
}

GUEST_CASE(timed_mutexes_give_up) {
  give_up_on<timed_mutex>("timed");
  give_up_on<recursive_timed_mutex>("recursive");
  give_up_on<inheriting_mutex>("inheriting");
  give_up_on<shared_timed_mutex>("shared");
}

GUEST_CASE(a_recursive_mutex_counts) {
  recursive_mutex lock;
  const auto is_free = [&] {
    bool taken = false;
    thread([&] {
      taken = lock.try_lock();
      if (taken) lock.unlock();
    }).join();
    return taken;
  };
  lock.lock();
  lock.lock();
  lock.unlock();
  check("free after one unlock", is_free());
  lock.unlock();
  check("free after two", is_free());
}

GUEST_CASE(an_inheriting_mutex_notices_its_own_owner) {
  show_child("the process", [] {
    inheriting_mutex lock;
    lock.lock();
    lock.lock();
    return 0;
  });
}

// Two locks in two orders: taken one by one they may wait for each other for ever; together they do not.
GUEST_CASE(two_orders_do_not_deadlock) {
  mutex a;
  mutex b;
  int count = 0;
  run_team(2, [&](int own) {
    for (int i = 0; i < 1000; ++i) {
      if (own == 0) {
        const scoped_lock guard(a, b);
        ++count;
      } else {
        const scoped_lock guard(b, a);
        ++count;
      }
    }
  });
  show("count", count);
}

GUEST_CASE(readers_share_and_see_whole_writes) {
  shared_mutex lock;
  int a = 0;
  int b = 0;
  Atomic<int> torn{0};
  run_team(4, [&](int own) {
    for (int i = 0; i < 500; ++i) {
      if (own == 0) {
        const unique_lock guard(lock);
        ++a;
        ++b;
      } else {
        const shared_lock guard(lock);
        if (a != b) torn.fetch_add(1, relaxed);
      }
    }
  });
  show("written", a);
  show("torn", torn.load(relaxed));
}

GUEST_CASE(a_reader_waits_behind_a_writer) {
  shared_mutex lock;
  lock.lock_shared();
  thread writer([&] {
    lock.lock();
    lock.unlock();
  });
  wait_until_blocked(writer);
  check("another reader gets in", lock.try_lock_shared());
  lock.unlock_shared();
  writer.join();
}

GUEST_CASE(a_condition_variable_loses_no_wake_up) {
  mutex lock;
  condition_variable changed;
  int place = 0;
  long sum = 0;
  run_team(2, [&](int own) {
    for (int i = 1; i <= 1000; ++i) {
      unique_lock held(lock);
      changed.wait(held, [&] { return (place == 0) == (own == 0); });
      if (own == 1) sum += place;
      place = own == 0 ? i : 0;
      held.unlock();
      changed.notify_one();
    }
  });
  show("sum", sum);
}

GUEST_CASE(a_condition_variable_wakes_all) {
  mutex lock;
  condition_variable opened;
  bool open = false;
  int inside = 0;
  Vector<thread> team;
  for (int i = 0; i < 5; ++i) {
    team.push_back(thread([&] {
      unique_lock held(lock);
      opened.wait(held, [&] { return open; });
      ++inside;
    }));
  }
  for (const thread& each : team) wait_until_blocked(each);
  {
    const lock_guard guard(lock);
    open = true;
  }
  opened.notify_all();
  for (thread& each : team) each.join();
  show("inside", inside);
}

GUEST_CASE(waits_end_by_time_and_by_a_stop) {
  mutex lock;
  condition_variable_any never;
  unique_lock held(lock);
  check("notified", never.wait_for(held, 1ms) == cv_status::no_timeout);
  stop_source source;
  thread asker([&] { source.request_stop(); });
  check("came", never.wait(held, source.get_token(), [] { return false; }));
  asker.join();
}

GUEST_CASE(semaphores_take_turns) {
  binary_semaphore go[3] = {binary_semaphore(1), binary_semaphore(0), binary_semaphore(0)};
  int turns = 0;
  bool in_order = true;
  run_team(3, [&](int own) {
    for (int round = 0; round < 300; ++round) {
      go[own].acquire();
      in_order = in_order && turns % 3 == own;
      ++turns;
      go[(own + 1) % 3].release();
    }
  });
  show("turns", turns);
  check("in order", in_order);
}

GUEST_CASE(a_semaphore_has_so_many_keys) {
  counting_semaphore keys(2);
  Atomic<int> inside{0};
  Atomic<bool> too_many{false};
  run_team(5, [&](int) {
    for (int i = 0; i < 200; ++i) {
      keys.acquire();
      if (inside.fetch_add(1, relaxed) >= 2) too_many.store(true, relaxed);
      inside.fetch_sub(1, relaxed);
      keys.release();
    }
  });
  check("too many", too_many.load(relaxed));
}

GUEST_CASE(a_bounded_semaphore_refuses_a_key_too_many) {
  bounded_semaphore keys(1);
  check("released", keys.try_release());
  keys.acquire();
  check("released after an acquire", keys.try_release());
  show_child("release()", [&] {
    keys.release();
    return 0;
  });
}

GUEST_CASE(gates_open_once_or_again) {
  latch all(3);
  event happened;
  int completed = 0;
  barrier meeting(3, [&] { ++completed; });
  once_flag flag;
  int once = 0;
  run_team(3, [&](int own) {
    all.arrive_and_wait();
    if (own == 0) {
      happened.set();
    } else {
      happened.wait();
    }
    for (int phase = 0; phase < 100; ++phase) meeting.arrive_and_wait();
    call_once(flag, [&] { ++once; });
  });
  show("phases", completed);
  show("once", once);
  check("the event is set", happened.is_set());
}

// What waits in all these ways, at random, and still adds up.
GUEST_CASE(random_stress_adds_up) {
  shared_timed_mutex table;
  timed_mutex lock;
  counting_semaphore keys(2);
  Atomic<int> expected{0};
  int under_lock = 0;
  int in_table = 0;
  run_team(6, [&](int own) {
    uint32_t random = static_cast<uint32_t>(own) * 2654435761u + 1;
    for (int i = 0; i < 400; ++i) {
      random = random * 1664525u + 1013904223u;
      const auto patience = std::chrono::microseconds(random >> 24);
      switch (random >> 16 & 3) {
        case 0:
          if (lock.try_lock_for(patience)) {
            ++under_lock;
            expected.fetch_add(1, relaxed);
            lock.unlock();
          }
          break;
        case 1:
          if (table.try_lock_for(patience)) {
            ++in_table;
            expected.fetch_add(1, relaxed);
            table.unlock();
          }
          break;
        case 2:
          if (table.try_lock_shared_for(patience)) table.unlock_shared();
          break;
        default:
          if (keys.try_acquire_for(patience)) keys.release();
      }
    }
  });
  check("adds up", under_lock + in_table == expected.load(relaxed));
  check("all is free",
        lock.try_lock() && table.try_lock() && keys.try_acquire() && keys.try_acquire());
}

}  // namespace weft::guest
