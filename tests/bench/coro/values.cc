// Values from one to the other: channel, generator, task.
#include "measure.hh"
#include "userlib/coro/channel/channel.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/generator.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/stackless/task.hh"

namespace weft::bench {
namespace {

using namespace coro;

double channel_hop() {
  constexpr int k_rounds = 500'000;
  double answer = 0;
  coro::run({.mode = Mode::lone}, [&] {
    channel<int> there;
    channel<int> back;
    auto other = go([&] {
      for (const int value : there) back.send(value);
    });
    answer = per_operation(2.0 * k_rounds, [&] {
      for (int i = 0; i < k_rounds; ++i) {
        there.send(i);
        (void)back.receive();
      }
      there.close();
    });
    other.join();
  });
  return answer;
}

// The caller doesn't know the body, so nothing is inlined.
[[gnu::noinline]] generator<int> count_to(int last) {
  for (int n = 1; n <= last; ++n) co_yield n;
}

double generator_step() {
  constexpr int k_steps = 20'000'000;
  volatile int last = 0;
  return per_operation(k_steps, [&] {
    for (const int n : count_to(k_steps)) last = n;
  });
}

[[gnu::noinline]] task<int> add_one(int n) { co_return n + 1; }

task<int> add_many(int times) {
  int sum = 0;
  for (int i = 0; i < times; ++i) sum = co_await add_one(sum);
  co_return sum;
}

// A task that is begun by who awaits it.
double task_await() {
  constexpr int k_count = 5'000'000;
  double answer = 0;
  coro::run({.mode = Mode::lone}, [&] {
    answer = per_operation(k_count, [] { (void)coro::spawn(add_many(k_count)).join(); });
  });
  return answer;
}

task<int> spawn_many(int times) {
  int sum = 0;
  for (int i = 0; i < times; ++i) sum = co_await coro::spawn(add_one(sum));
  co_return sum;
}

// A task with a place of its own in the scheduler's queue, and another that waits for its end.
double task_spawn_await() {
  constexpr int k_count = 1'000'000;
  double answer = 0;
  coro::run({.mode = Mode::lone}, [&] {
    answer = per_operation(k_count, [] { (void)coro::spawn(spawn_many(k_count)).join(); });
  });
  return answer;
}

}  // namespace

const Measure k_values[] = {{"channel_hop", channel_hop},
                            {"generator_step", generator_step},
                            {"task_await", task_await},
                            {"task_spawn_await", task_spawn_await},
                            {nullptr, nullptr}};

}  // namespace weft::bench
