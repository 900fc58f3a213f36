// The coroutines' part of the play: process 1 of a machine, with coroutines that each wait in a function
// whose name says for what. scene_is_set() is called again and again by two that never wait.
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/timer.hh"

using namespace weft;

volatile uint64_t rounds = 0;

[[gnu::noinline]] int sleep_in_coroutine() {
  coro::sleep_for(3600 * k_second);
  return static_cast<int>(rounds);
}

[[gnu::noinline]] int sleeper() { return sleep_in_coroutine() + 1; }

[[gnu::noinline]] int join_other(coro::handle<int>& other) { return other.join() + 1; }

[[gnu::noinline]] int joiner(coro::handle<int>* other) { return join_other(*other) + 1; }

[[gnu::noinline]] void scene_is_set() { rounds = rounds + 1; }

[[gnu::noinline]] int never_rests() {
  for (;;) {
    coro::yield();
    scene_is_set();
  }
}

coro::handle<int>* of_first;
coro::handle<int>* of_second;

// Two that wait for each other's end.
[[gnu::noinline]] void wait_for_each_other() {
  of_first = new coro::handle<int>(coro::go([] { return joiner(of_second); }));
  of_second = new coro::handle<int>(coro::go([] { return joiner(of_first); }));
}

static int begin() {
  coro::handle<int> first = coro::go([] { return sleeper(); });
  coro::handle<int> second = coro::go([&first] { return joiner(&first); });
  wait_for_each_other();
  coro::handle<int> third = coro::go([] { return never_rests(); });
  coro::handle<int> fourth = coro::go([] { return never_rests(); });
  return second.join() + third.join() + fourth.join();
}

int main(int, char**) { return coro::run(coro::Options{.mode = coro::Mode::lone}, begin); }
