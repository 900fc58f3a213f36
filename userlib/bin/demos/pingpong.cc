// Run:      pingpong
// Look for: two processes with one global variable print ten each; with a queue, or as threads, ten in all.
// Why:      each process has a variable of its own. Threads share it, under a lock; coroutines take strict
//           turns, and need none.
#include <string_view>

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"
#include "userlib/coro/channel/channel.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr int k_turns = 10;

void say(std::string_view name, int number) {
  print("  {} {}\n", name, number);
  out.flush();
}

// A child that calls the function; who started it waits for both below.
template <typename Function>
void in_a_process(Function function) {
  out.flush();
  const auto child = sys::fork();
  if (child.has_value() && *child == 0) {
    function();
    out.flush();
    sys::exit_group(0);
  }
  ASSERT(child.has_value(), "there may be one more process");
}

void wait_for_two() {
  for (int i = 0; i < 2; ++i) (void)sys::wait4(-1, nullptr, 0, nullptr);
}

int counter = 0;

void count_to_ten(std::string_view name) {
  while (counter < k_turns) say(name, ++counter);
}

void processes_with_a_global_variable() {
  print("two processes, one global variable:\n");
  in_a_process([] { count_to_ten("ping"); });
  in_a_process([] { count_to_ten("pong"); });
  wait_for_two();
  print("  here it still is {}\n", counter);
}

// A pipe as the queue: who reads a number has it for himself.
void take_from_queue(std::string_view name, int queue) {
  int number;
  while (sys::read(queue, &number, sizeof number).value_or(0) == sizeof number) say(name, number);
}

void processes_with_a_queue() {
  print("two processes, one queue:\n");
  int ends[2];
  const auto made = sys::pipe2(ends, 0);
  ASSERT(made.has_value(), "there are descriptors for a pipe");
  for (int number = 1; number <= k_turns; ++number)
    (void)sys::write(ends[1], &number, sizeof number);
  (void)sys::close(ends[1]);
  in_a_process([&] { take_from_queue("ping", ends[0]); });
  in_a_process([&] { take_from_queue("pong", ends[0]); });
  (void)sys::close(ends[0]);
  wait_for_two();
}

void threads() {
  print("two threads, the same global variable:\n");
  mutex turn;
  const auto count = [&](std::string_view name) {
    for (;;) {
      lock_guard guard(turn);
      if (counter == k_turns) return;
      say(name, ++counter);
    }
  };
  thread ping(count, "ping");
  thread pong(count, "pong");
  ping.join();
  pong.join();
}

void coroutines() {
  print("two coroutines, two channels:\n");
  coro::run(coro::Options{.mode = coro::Mode::lone}, [] {
    coro::channel<int> to_ping;
    coro::channel<int> to_pong;
    const auto play = [](std::string_view name, coro::channel<int>& mine,
                         coro::channel<int>& other) {
      for (const int number : mine) {
        say(name, number);
        if (number == k_turns) return other.close();
        other.send(number + 1);
      }
    };
    auto ping = coro::go([&] { play("ping", to_ping, to_pong); });
    auto pong = coro::go([&] { play("pong", to_pong, to_ping); });
    to_ping.send(1);
    pong.join();
    to_ping.close();
    ping.join();
  });
}

}  // namespace

int pingpong_main(Arguments) {
  processes_with_a_global_variable();
  processes_with_a_queue();
  threads();
  coroutines();
  return 0;
}

}  // namespace weft
