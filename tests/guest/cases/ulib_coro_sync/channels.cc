// Channels and select, between coroutines on one worker and on several, and to a plain thread.
#include "guest/on_userlib/case.hh"
#include "userlib/coro/channel/select.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/latch.hh"

namespace weft::guest {
namespace {

using namespace std::chrono_literals;

constexpr int k_values = 300;

// Three send, two receive: the sum of what arrives, and whether one sender's values stay in order.
void pass_values(std::string_view name, size_t capacity) {
  coro::channel<int> values(capacity);
  coro::wait_group senders;
  Vector<coro::handle<void>> all;
  for (int sender = 0; sender < 3; ++sender) {
    senders.add();
    all.push_back(coro::go([&, sender] {
      for (int i = 0; i < k_values; ++i) values.send(i * 3 + sender);
      senders.done();
    }));
  }
  int sums[2] = {};
  bool in_order = true;
  for (int& sum : sums)
    all.push_back(coro::go([&] {
      int last[3] = {-1, -1, -1};
      for (const int value : values) {
        if (value <= last[value % 3]) in_order = false;
        last[value % 3] = value;
        sum += value;
      }
    }));
  senders.wait();
  values.close();
  coro::join_all(all);
  say("{}: {} in order {}", name, sums[0] + sums[1], in_order);
}

}  // namespace

GUEST_CASE(a_channel_loses_nothing) {
  for (const auto mode : {coro::Mode::lone, coro::Mode::shared}) {
    coro::run(coro::Options{.mode = mode, .workers = 3}, [] {
      pass_values("rendezvous", 0);
      pass_values("bounded", 5);
      pass_values("unbounded", coro::channel<int>::k_unbounded);
    });
  }
}

GUEST_CASE(a_thread_and_a_coroutine_share_a_channel) {
  coro::channel<int> questions;
  coro::channel<int> answers;
  thread asker([&] {
    int sum = 0;
    for (int i = 1; i <= 50; ++i) {
      questions.send(i);
      sum += *answers.receive();
    }
    questions.close();
    show("sum of the answers", sum);
  });
  coro::run(coro::Options{.workers = 2}, [&] {
    for (const int question : questions) answers.send(question * 2);
  });
  asker.join();
}

GUEST_CASE(select_does_one_thing) {
  for (const auto mode : {coro::Mode::lone, coro::Mode::shared}) {
    coro::run(coro::Options{.mode = mode, .workers = 3}, [] {
      coro::channel<int> left;
      coro::channel<int> right;
      coro::channel<int> never;
      constexpr int k_each = 100;
      auto sender = coro::go([&] {
        for (int i = 0; i < 2 * k_each; ++i)
          coro::select(coro::on_send(left, 1, [] {}), coro::on_send(right, 1, [] {}));
        left.close();
        right.close();
      });
      int received = 0;
      int closed = 0;
      while (closed == 0) {
        const auto take = [&](std::optional<int> value) { value ? ++received : ++closed; };
        coro::select(coro::on_receive(left, take), coro::on_receive(right, take),
                     coro::on_receive(never, take));
      }
      sender.join();
      show("received", received);
      show("nothing in 2 ms", static_cast<long>(*coro::select(coro::on_receive(never, [] {}),
                                                              coro::after(2ms, [] {}))));
      show("otherwise", static_cast<long>(
                            *coro::select(coro::on_receive(never, [] {}), coro::otherwise([] {}))));
    });
  }
}

}  // namespace weft::guest
