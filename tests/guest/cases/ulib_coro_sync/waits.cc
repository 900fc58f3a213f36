// What a coroutine waits for outside the program: descriptors, children, calls that block. The others go on.
#include "guest/on_userlib/case.hh"
#include "guest/on_userlib/modes.hh"
#include "userlib/coro/blocking.hh"
#include "userlib/coro/channel/select_ready.hh"
#include "userlib/coro/child.hh"
#include "userlib/coro/io.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/async_call.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/process/pipe.hh"

namespace weft::guest {
namespace {

using coro::Mode;
using namespace std::chrono_literals;

char byte_from(const pipe& from) {
  char byte = '?';
  check("read", coro::read(from.read_end.get(), &byte, 1).value_or(0) == 1);
  return byte;
}

void send(const pipe& to, char byte) {
  check("written", coro::write(to.write_end.get(), &byte, 1).value_or(0) == 1);
}

// Others have their turns, again and again, and it is still not over.
template <typename Handle>
void check_waits(const Handle& waiting) {
  for (int i = 0; i < 100; ++i) coro::yield();
  check("over before its time", waiting.is_done());
}

}  // namespace

GUEST_CASE(a_reader_waits_and_the_others_go_on) {
  in_all_modes([] {
    const pipe line = pipe::make().value();
    auto reads = coro::go([&] { return byte_from(line); });
    check_waits(reads);
    send(line, 'x');
    say("it got {}", reads.join());
    const Instant start = coro::now();
    char byte;
    show_outcome("until a deadline",
                 coro::read(line.read_end.get(), &byte, 1, start + 2 * k_millisecond));
    check("too early", coro::now() < start + 2 * k_millisecond);
    auto gives_up = coro::go([&] { return coro::read(line.read_end.get(), &byte, 1); });
    check_waits(gives_up);
    gives_up.cancel();
    show_outcome("cancelled", gives_up.join());
  });
}

GUEST_CASE(more_than_a_pipe_holds_goes_through) {
  in_all_modes([] {
    constexpr size_t k_size = 300'000;
    const auto ends = socket_pair::make().value();
    const pipe line = pipe::make().value();
    for (const auto [out, in] : {std::pair(line.write_end.get(), line.read_end.get()),
                                 std::pair(ends.first.get(), ends.second.get())}) {
      auto writes = coro::go([out] {
        Vector<char> bytes;
        for (size_t i = 0; i < k_size; ++i) bytes.push_back(static_cast<char>(i % 251));
        return coro::write_all(out, bytes.data(), bytes.size()).has_value();
      });
      size_t received = 0;
      bool in_order = true;
      while (received < k_size) {
        char piece[1000];
        const size_t count = coro::read(in, piece, sizeof piece).value_or(0);
        for (size_t i = 0; i < count; ++i)
          in_order = in_order && piece[i] == static_cast<char>((received + i) % 251);
        received += count;
      }
      say("written {}, received {}, in order {}", writes.join(), received, in_order);
    }
  });
}

GUEST_CASE(a_poll_and_a_select_see_which_is_ready) {
  in_all_modes([] {
    const pipe first = pipe::make().value();
    const pipe second = pipe::make().value();
    auto polls = coro::go([&] {
      abi::PollEntry entries[] = {{first.read_end.get(), abi::k_pollin, 0},
                                  {second.read_end.get(), abi::k_pollin, 0}};
      const auto ready = coro::poll(entries);
      say("ready {}: the first {}, the second {}", ready.value_or(0), entries[0].happened,
          entries[1].happened);
    });
    check_waits(polls);
    send(second, 'y');
    polls.join();
    coro::channel<int> orders;
    const auto choose = [&] {
      return coro::select(
          coro::on_receive(orders,
                           [](std::optional<int> order) { show("order", order.value_or(-1)); }),
          coro::on_readable(second.read_end.get(), [] { say("readable"); }),
          coro::after(1h, [] { say("late"); }));
    };
    choose();
    (void)byte_from(second);
    auto sends = coro::go([&] { return orders.send(7); });
    choose();
    sends.join();
  });
}

GUEST_CASE(a_blocking_call_stops_its_coroutine_alone) {
  in_all_modes([] {
    const pipe line = pipe::make().value();
    auto waits = coro::go([&] {
      return coro::blocking([&] {
        char byte = '?';
        (void)sys::read(line.read_end.get(), &byte, 1);
        return byte;
      });
    });
    check_waits(waits);
    send(line, 'z');
    say("it got {}", waits.join());
  });
}

// The worker itself is stuck, and nobody has said that it would be.
GUEST_CASE(a_stuck_worker_stops_nobody) {
  const pipe line = pipe::make().value();
  coro::run({.mode = Mode::shared, .workers = 1}, [&] {
    auto helps = coro::go([&] { (void)sys::write(line.write_end.get(), "a", 1); });
    char byte = '?';
    (void)sys::read(line.read_end.get(), &byte, 1);
    say("it got {}", byte);
    helps.join();
  });
}

GUEST_CASE(only_a_coroutine_waits_for_a_child) {
  in_all_modes([] {
    const pipe line = pipe::make().value();
    const auto start_child = [&] {
      return process::run([&] {
               char byte = 0;
               (void)sys::read(line.read_end.get(), &byte, 1);
               return byte - 'a';
             })
          .value();
    };
    process child = start_child();
    auto waits = coro::go([&] { return coro::wait(child).value(); });
    check_waits(waits);
    send(line, 'e');
    show_status("the child", waits.join());
    process other = start_child();
    show_outcome("until a deadline", coro::wait(other, coro::now() + k_millisecond));
    auto gives_up = coro::go([&] { return coro::wait(other); });
    check_waits(gives_up);
    gives_up.cancel();
    show_outcome("cancelled", gives_up.join());
    (void)other.kill(abi::k_sigterm);
    show_status("the other", coro::wait(other).value());
  });
}

GUEST_CASE(a_task_waits_for_descriptors_by_a_stack) {
  in_all_modes([] {
    const pipe line = pipe::make().value();
    const auto reads = [](const pipe& line) -> task<char> {
      co_return co_await coro::async_call([&] { return byte_from(line); });
    };
    auto waits = coro::spawn(reads(line));
    check_waits(waits);
    send(line, 't');
    say("it got {}", waits.join());
  });
}

}  // namespace weft::guest
