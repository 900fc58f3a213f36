// Threads that work for others: queue, future, pool, timer; and when the process ends.
#include "guest/on_userlib/case.hh"
#include "userlib/thread/async.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/queue.hh"
#include "userlib/thread/thread_pool.hh"
#include "userlib/thread/timer.hh"

namespace weft::guest {
namespace {

using namespace std::chrono_literals;

}  // namespace

GUEST_CASE(a_queue_loses_nothing) {
  queue<int> items(5);
  Atomic<int> producing{3};
  Atomic<long> sum{0};
  Atomic<int> count{0};
  Vector<thread> team;
  for (int own = 0; own < 3; ++own) {
    team.push_back(thread([&, own] {
      for (int i = 0; i < 300; ++i) (void)items.push(own * 300 + i);
      if (producing.fetch_sub(1, acq_rel) == 1) items.close();
    }));
    team.push_back(thread([&] {
      while (const auto item = items.pop()) {
        sum.fetch_add(*item, relaxed);
        count.fetch_add(1, relaxed);
      }
    }));
  }
  for (thread& each : team) each.join();
  show("count", count.load(relaxed));
  show("sum", sum.load(relaxed));
}

GUEST_CASE(a_queue_is_bounded_and_closable) {
  queue<int> items(1);
  say("first: {}", items.try_push(1).has_value());
  say("second: {}", items.try_push(2).error());
  say("in time: {}", items.push_for(2, 1ms).error());
  say("at that time: {}", items.push_until(2, std::chrono::steady_clock::now() + 1ms).error());
  thread waiter([&] { say("waited: {}", items.push(3).error()); });
  wait_until_blocked(waiter);
  items.close();
  waiter.join();
  show("what was in it", items.pop().value());
  say("then: {}", items.pop().error());
  queue<int> empty;
  say("nothing: {}", empty.pop_until(std::chrono::system_clock::now() + 1ms).error());
}

GUEST_CASE(a_pool_answers_and_maps_in_order) {
  thread_pool pool(3);
  auto answer = pool.submit([](int a, int b) { return a * b; }, 6, 7);
  show("answer", answer.get());
  Vector<int> numbers;
  for (int i = 0; i < 100; ++i) numbers.push_back(i);
  const auto squares = pool.map(numbers, [](int n) { return n * n; });
  bool in_order = true;
  for (size_t i = 0; i < squares.size(); ++i)
    in_order = in_order && squares[i] == static_cast<int>(i * i);
  check("in order", in_order);
  int called = 0;
  pool.apply_async([] { return 5; }, [&](int value) { called = value; }).get();
  show("called back with", called);
}

GUEST_CASE(functions_run_elsewhere_or_later) {
  const auto caller = this_thread::get_id();
  auto elsewhere = async(launch::async, [] { return this_thread::get_id(); });
  check("a thread of its own", elsewhere.get() != caller);
  int calls = 0;
  auto later = async(launch::deferred, [&calls](int n) { return calls += n; }, 5);
  check("deferred", later.wait_for(0s) == future_status::deferred);
  show("calls", calls);
  show("value", later.get());
  Atomic<int> sum{0};
  const auto shared = async([] { return 7; }).share();
  Vector<thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.push_back(thread([&sum, shared] { sum.fetch_add(shared.get(), relaxed); }));
  }
  for (thread& each : readers) each.join();
  show("three of them", sum.load(relaxed));
}

GUEST_CASE(timers_fire_in_order_and_can_be_cancelled) {
  event done;
  timer never(1h, [] { say("too early"); });
  const timer first(1ms, [] { say("first"); });
  const timer second(2ms, [&] {
    say("second");
    done.set();
  });
  done.wait();
  check("cancelled", never.cancel());
  Atomic<int> ticks{0};
  event enough;
  timer often(timer::every, 1ms, [&] {
    if (ticks.fetch_add(1, relaxed) == 3) enough.set();
  });
  enough.wait();
  check("cancelled", often.cancel());
}

}  // namespace weft::guest
