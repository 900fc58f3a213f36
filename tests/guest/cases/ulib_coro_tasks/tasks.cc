// Coroutines without a stack: generators, tasks on the scheduler, and the event loop.
#include <ranges>

#include "guest/on_userlib/case.hh"
#include "userlib/coro/channel/select.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/event_loop.hh"
#include "userlib/coro/stackless/generator.hh"
#include "userlib/coro/stackless/when.hh"

namespace weft::guest {
namespace {

using namespace std::chrono_literals;

generator<int> count_from(int first) {
  for (int n = first;; ++n) co_yield n;
}

generator<int, int> sum() {
  int total = 0;
  while (const auto number = co_yield total) total += *number;
}

task<int> chain(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await chain(depth - 1);
}

task<long> leaves(int depth) {
  if (depth == 0) co_return 1;
  auto [left, right] = co_await coro::when_all(leaves(depth - 1), leaves(depth - 1));
  co_return left + right;
}

task<> sleep_for_ever() { (void)co_await coro::async_sleep_for(1h); }

task<int> echo(event_loop& loop, int from, int to) {
  int echoed = 0;
  for (;;) {
    (void)co_await loop.readable(from);
    char c;
    if (sys::read(from, &c, 1).value_or(0) != 1) co_return echoed;
    (void)co_await loop.writable(to);
    (void)sys::write(to, &c, 1);
    ++echoed;
  }
}

}  // namespace

GUEST_CASE(generators_hand_out_and_take_in) {
  for (const int n : count_from(3) | std::views::take(3)) show("counts", n);
  auto adder = sum();
  adder.next();
  show("sent 5", *adder.send(5));
  show("sent 7", *adder.send(7));
  adder.close();
  check("says more", adder.next() != nullptr);
}

GUEST_CASE(tasks_run_beside_coroutines) {
  for (const auto mode : {coro::Mode::lone, coro::Mode::shared}) {
    coro::run(coro::Options{.mode = mode, .workers = 3}, [] {
      show("depth of the chain", coro::spawn(chain(10'000)).join());
      show("leaves of the tree", coro::spawn(leaves(10)).join());
      coro::channel<int> values(2);
      auto body = [](coro::channel<int>& values) -> task<int> {
        int total = 0;
        while (auto value = co_await values.async_receive()) total += *value;
        co_return total;
      };
      auto total = coro::spawn(body(values));
      for (int i = 1; i <= 100; ++i) values.send(i);
      values.close();
      show("sum", total.join());
    });
  }
}

GUEST_CASE(the_first_task_wins_and_the_others_are_cancelled) {
  for (const auto mode : {coro::Mode::lone, coro::Mode::shared}) {
    coro::run(coro::Options{.mode = mode, .workers = 3}, [] {
      auto race = []() -> task<size_t> {
        auto first = co_await coro::when_any(sleep_for_ever(), chain(3), sleep_for_ever());
        co_return first.index;
      };
      show("the first is", static_cast<long>(coro::spawn(race()).join()));
    });
  }
}

GUEST_CASE(a_failure_in_a_scope_cancels_the_rest) {
  coro::run(coro::Options{.mode = coro::Mode::lone}, [] {
    coro::async_scope all;
    auto failing = []() -> task<Result<>> {
      co_await coro::async_yield();
      co_return fail(Errno::nospc);
    };
    all.spawn(sleep_for_ever());
    all.spawn(failing());
    all.spawn(sleep_for_ever());
    say("the scope: {}", all.join().error());
  });
}

GUEST_CASE(an_event_loop_runs_callbacks_and_tasks) {
  event_loop loop;
  int ends[2];
  int back[2];
  (void)sys::pipe2(ends, abi::k_o_nonblock);
  (void)sys::pipe2(back, abi::k_o_nonblock);
  int ticks = 0;
  event_loop::timer ticker(loop, [&](auto& self) {
    const char c = 'x';
    (void)sys::write(ends[1], &c, 1);
    if (++ticks < 5) {
      self.start_after(1ms);
    } else {
      (void)sys::close(ends[1]);
    }
  });
  ticker.start_after(0s);
  show("echoed", loop.run(echo(loop, ends[0], back[1])));
  char text[10];
  show("came back", static_cast<long>(sys::read(back[0], text, sizeof text).value_or(0)));
}

}  // namespace weft::guest
