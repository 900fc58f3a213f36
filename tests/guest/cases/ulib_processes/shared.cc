// What processes share: memory, and the locks and queues in it; and what happens when one of them dies.
#include "guest/on_userlib/case.hh"
#include "userlib/process/process_queue.hh"
#include "userlib/process/process_semaphore.hh"
#include "userlib/process/shared_memory.hh"

namespace weft::guest {
namespace {

using namespace std::chrono_literals;

template <typename Body>
void run_processes(int count, Body body) {
  Vector<process> children;
  for (int own = 0; own < count; ++own) {
    children.push_back(std::move(*process::run([&] { body(own); })));
  }
  for (process& child : children) {
    const exit_status status = child.wait();
    if (!status.success()) show_status("a process", status);
  }
}

void kill_self() { (void)sys::kill(sys::getpid().value(), abi::k_sigkill); }

void show(std::string_view what, lock_status status) {
  constexpr std::string_view k_names[] = {"acquired", "owner died", "timed out", "not recoverable"};
  say("{}: {}", what, k_names[static_cast<int>(status)]);
}

struct Counter {
  process_mutex mutex;
  int count = 0;
};

}  // namespace

GUEST_CASE(memory_is_seen_by_both) {
  shared<int> value(1);
  int own = 1;
  run_processes(1, [&](int) {
    *value = 2;
    own = 2;
  });
  guest::show("shared", *value);
  guest::show("own", own);
}

GUEST_CASE(a_mutex_between_processes_loses_no_update) {
  shared<Counter> counter;
  run_processes(4, [&](int) {
    for (int i = 0; i < 500; ++i) {
      const lock_guard guard(counter->mutex);
      ++counter->count;
    }
  });
  guest::show("count", counter->count);
}

GUEST_CASE(a_mutex_tells_that_its_owner_died) {
  shared<Counter> counter;
  run_processes(1, [&](int) {
    show("in the child", counter->mutex.acquire());
    kill_self();
  });
  show("after its death", counter->mutex.acquire());
  counter->mutex.make_consistent();
  counter->mutex.unlock();
  show("repaired", counter->mutex.acquire());
  run_processes(1, [&](int) { show("held by us", counter->mutex.acquire_for(1ms)); });
  counter->mutex.unlock();
}

GUEST_CASE(who_waits_is_woken_by_the_owners_death) {
  shared<Counter> counter;
  shared<process_semaphore> held(0);
  auto owner = process::run([&] {
    (void)counter->mutex.acquire();
    held->release();
    for (;;) (void)sys::pause();
  });
  held->acquire();
  auto waiter = process::run([&] {
    show("the waiter", counter->mutex.acquire());  // and dies with it, too
  });
  (void)owner->kill(abi::k_sigkill);
  const exit_status owners_end = owner->wait();
  show_status("waiter", waiter->wait());
  show_status("owner", owners_end);
  show("we", counter->mutex.acquire());
  counter->mutex.unlock();  // without a word about the data
  show("then", counter->mutex.acquire());
}

GUEST_CASE(a_thread_that_ends_with_a_mutex_counts_as_dead) {
  Counter counter;
  thread([&] { (void)counter.mutex.acquire(); }).join();
  show("acquire", counter.mutex.acquire());
}

GUEST_CASE(semaphores_between_processes_take_turns) {
  struct State {
    process_semaphore ping{1};
    process_semaphore pong{0};
    int turns = 0;
    bool in_order = true;
  };
  shared<State> state;
  run_processes(2, [&](int own) {
    for (int i = 0; i < 300; ++i) {
      (own == 0 ? state->ping : state->pong).acquire();
      state->in_order = state->in_order && state->turns % 2 == own;
      ++state->turns;
      (own == 0 ? state->pong : state->ping).release();
    }
  });
  guest::show("turns", state->turns);
  check("in order", state->in_order);
}

GUEST_CASE(a_condition_variable_between_processes_loses_no_wake_up) {
  struct State {
    process_mutex mutex;
    process_condition_variable changed;
    int place = 0;
    int sum = 0;
  };
  shared<State> state;
  run_processes(2, [&](int own) {
    for (int i = 1; i <= 300; ++i) {
      unique_lock held(state->mutex);
      state->changed.wait(held, [&] { return (state->place == 0) == (own == 0); });
      if (own == 1) state->sum += state->place;
      state->place = own == 0 ? i : 0;
      held.unlock();
      state->changed.notify_all();
    }
  });
  guest::show("sum", state->sum);
}

GUEST_CASE(a_queue_between_processes_loses_nothing) {
  shared<process_queue<int, 8>> queue;
  shared<Counter> total;
  Vector<process> consumers;
  for (int i = 0; i < 2; ++i) {
    consumers.push_back(std::move(*process::run([&] {
      while (const auto item = queue->pop()) {
        const lock_guard guard(total->mutex);
        total->count += *item;
      }
    })));
  }
  run_processes(2, [&](int own) {
    for (int i = 0; i < 200; ++i) (void)queue->push(own * 200 + i);
  });
  queue->close();
  for (process& each : consumers) show_status("consumer", each.wait());
  guest::show("sum", total->count);
}

GUEST_CASE(a_queue_outlives_a_user_that_dies) {
  shared<process_queue<int, 4>> queue;
  for (int round = 0; round < 10; ++round) {
    auto user = process::run([&] {
      for (;;) {
        (void)queue->push(1);
        (void)queue->pop();
      }
    });
    for (int i = 0; i < 10; ++i) this_thread::yield();
    (void)user->kill(abi::k_sigkill);
    (void)user->wait();
    while (queue->try_pop()) {
    }
  }
  guest::show("left", static_cast<long>(queue->size()));
  check("it still works", queue->push(5).has_value() && queue->pop() == 5);
}

}  // namespace weft::guest
